/** Serves the page where there is no network: what came from it last. */

/** The page's files, which the build lists. */
declare const FILES: string[];
declare const self: ServiceWorkerGlobalScope;

const CACHE = "http-proxy-policy-playground";

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(FILES)));
});

self.addEventListener("fetch", (event) => {
  if (event.request.method === "GET") {
    event.respondWith(freshOrCached(event.request));
  }
});

async function freshOrCached(request: Request): Promise<Response> {
  const cache = await caches.open(CACHE);
  try {
    const response = await fetch(request);
    if (response.ok) {
      await cache.put(request, response.clone());
    }
    return response;
  } catch (error) {
    const cached = await cache.match(request, { ignoreSearch: true });
    if (cached === undefined) {
      throw error;
    }
    return cached;
  }
}

export {};
