// Prints how many certificates Node has loaded from NODE_EXTRA_CA_CERTS.
console.log(require('node:tls').getCACertificates('extra').length);
