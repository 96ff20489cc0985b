// grpc-js, gRPC in JavaScript: a call at each URL's host, with TLS for https.
const grpc = require('@grpc/grpc-js');
const { ask, version } = require('./node-ask.cjs');

const none = Buffer.alloc(0);
const empty = () => none;
const call = (url) =>
  new Promise((resolve, reject) => {
    const { protocol, hostname, port } = new URL(url);
    const isTls = protocol === 'https:';
    const credentials = isTls ? grpc.credentials.createSsl() : grpc.credentials.createInsecure();
    const client = new grpc.Client(`${hostname}:${port || (isTls ? 443 : 80)}`, credentials);
    client.makeUnaryRequest('/service/method', empty, empty, none, { deadline: Date.now() + 2000 }, (error) => {
      client.close();
      error ? reject(error) : resolve({ ok: true, arrayBuffer() {} });
    });
  });

ask(`grpc-js ${version('@grpc/grpc-js')}`, call);
