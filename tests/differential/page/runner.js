// Runs cases in a page: play([{id, url, method, headers, ...}]) resolves to what JavaScript saw.
"use strict";

// Chromium gives a host six connections, and holds one while the preflight of the next hop waits
// for another: six redirected requests at once would wait for ever.
const SIDE_BY_SIDE = 5;
const PATIENCE = 10000; // milliseconds; a case that takes longer is a fault of the harness

async function playFetch(request, signal) {
  const response = await fetch(request.url, {
    method: request.method,
    headers: request.headers,
    body: request.body ?? undefined,
    credentials: request.credentials,
    mode: request.mode,
    redirect: request.redirect,
    cache: request.cache,
    signal,
  });
  const headers = [...response.headers];
  const body = await response.text().then((text) => text.length, () => null);
  const { type, status, url, redirected } = response;
  return { outcome: "resolved", type, status, url, redirected, headers, body };
}

function playXhr(request, signal) {
  return new Promise((resolve, reject) => {
    const xhr = new XMLHttpRequest();
    if (request.upload_listeners) xhr.upload.onprogress = () => {};
    xhr.open(request.method, request.url);
    xhr.responseType = "text"; // or Firefox tries to read it as XML
    xhr.withCredentials = request.credentials === "include";
    for (const [name, value] of request.headers) xhr.setRequestHeader(name, value);
    xhr.onerror = () => reject(new TypeError("XMLHttpRequest failed"));
    xhr.onabort = () => reject(new DOMException("abandoned", "AbortError"));
    signal.addEventListener("abort", () => xhr.abort());
    xhr.onload = () => {
      const lines = xhr.getAllResponseHeaders().split("\r\n").filter(Boolean);
      const headers = lines.map((line) => {
        const colon = line.indexOf(":");
        return [line.slice(0, colon), line.slice(colon + 2)];
      });
      const body = xhr.responseText.length;
      resolve({ outcome: "resolved", status: xhr.status, url: xhr.responseURL, headers, body });
    };
    xhr.send(request.body);
  });
}

async function playOne(request) {
  const abandon = new AbortController();
  const timer = setTimeout(() => abandon.abort(), PATIENCE);
  const run = request.initiator === "xmlhttprequest" ? playXhr : playFetch;
  try {
    return { id: request.id, ...(await run(request, abandon.signal)) };
  } catch (error) {
    const { name, message } = error;
    return { id: request.id, outcome: "rejected", name, message };
  } finally {
    clearTimeout(timer);
  }
}

async function play(requests) {
  const results = [];
  const queue = requests.values();
  const worker = async () => {
    for (const request of queue) results.push(await playOne(request));
  };
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, worker));
  return JSON.stringify(results);
}
