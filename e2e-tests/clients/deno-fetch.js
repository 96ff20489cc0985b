// Deno's fetch, which reads the proxy variables.
if (Deno.args[0] === '--version') {
  console.log(`Deno ${Deno.version.deno} fetch`);
  Deno.exit();
}
for (const url of Deno.args) {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(5000) });
    await response.arrayBuffer();
    console.log(response.ok ? `ok ${url}` : `failed ${url}: ${response.status}`);
  } catch (error) {
    console.log(`failed ${url}: ${error.message}`);
  }
}
