// Makes each call as its row says and shows what a page can see: a response or a TypeError.

const NAMES = { app: "The flower shop", admin: "The back office", partner: "The partner's page" };
const SHORT = { app: "Shop", admin: "Back office", partner: "Partner" };
const WAYS = { direct: "Direct", gateway: "Through the gateway" };
const score = { run: 0, right: 0 };

function browser() {
  const agent = navigator.userAgent;
  if (agent.includes("Firefox/")) return "firefox";
  if (agent.includes("Chrome/")) return "chromium";
  return agent.includes("Safari/") ? "safari" : "standard";
}

async function withFetch(call, url) {
  const response = await fetch(url, {
    method: call.method,
    headers: call.headers,
    body: call.body,
    credentials: call.cookies ? "include" : "same-origin",
  });
  return {
    status: response.status,
    headers: Object.fromEntries(response.headers),
    body: await response.text(),
  };
}

function withXhr(call, url) {
  return new Promise((resolve, reject) => {
    const xhr = new XMLHttpRequest();
    xhr.open(call.method, url);
    xhr.withCredentials = call.cookies;
    for (const [name, value] of call.headers) xhr.setRequestHeader(name, value);
    if (call.upload_progress) xhr.upload.addEventListener("progress", () => {});
    xhr.addEventListener("load", () => {
      const lines = xhr.getAllResponseHeaders().split("\r\n").filter(Boolean);
      const headers = lines.map((line) => [line.split(": ", 1)[0], line.slice(line.indexOf(": ") + 2)]);
      resolve({ status: xhr.status, headers: Object.fromEntries(headers), body: xhr.responseText });
    });
    xhr.addEventListener("error", () => reject(new TypeError("XMLHttpRequest: error event")));
    xhr.send(call.body);
  });
}

async function ask(call, via) {
  try {
    const url = call.at[via] + call.path;
    return { allowed: true, ...(await (call.xhr ? withXhr(call, url) : withFetch(call, url))) };
  } catch (error) {
    return { allowed: false, status: null, headers: {}, error: String(error) };
  }
}

async function predict(call, via) {
  const query = new URLSearchParams({ call: call.id, via, browser: browser() });
  return (await fetch(`/predict?${query}`)).json();
}

function same(live, predicted) {
  const text = (headers) => JSON.stringify(Object.entries(headers).sort());
  return (
    live.allowed === predicted.allowed &&
    live.status === predicted.status &&
    text(live.headers) === text(predicted.headers)
  );
}

function clone(id) {
  return document.getElementById(id).content.cloneNode(true);
}

function show(way, live, predicted) {
  const view = clone("result");
  const part = (name) => view.querySelector(name);
  const right = same(live, predicted);
  way.classList.toggle("read", live.allowed);
  way.classList.toggle("blocked", !live.allowed);
  way.dataset.right = right;
  part(".mark").textContent = live.allowed ? "✓" : "✕";
  part("strong").textContent = live.allowed ? `Readable: ${live.status}` : "Blocked";
  part(".detail").textContent = live.allowed ? "" : live.error;
  part(".body").textContent = live.body?.trim() ?? "";
  part(".body").hidden = !live.body?.trim();
  for (const [name, value] of Object.entries(live.headers)) {
    const [term, data] = [document.createElement("dt"), document.createElement("dd")];
    [term.textContent, data.textContent] = [name, value];
    part(".headers").append(term, data);
  }
  part(".headers").hidden = !Object.keys(live.headers).length;
  part(".agreement").textContent = right ? "As predicted." : "Not as predicted!";
  part(".agreement").classList.toggle("wrong", !right);
  part(".sentence").textContent = predicted.sentence;
  part(".meaning").hidden = live.allowed === predicted.meant;
  part(".meaning").textContent = live.allowed
    ? "The policy does not let this page read it: the service does, by mistake."
    : "The policy means this page to read it.";
  part(".console").textContent = predicted.console.join("\n");
  part("details").hidden = !predicted.console.length;
  way.querySelector(".result").replaceChildren(view);
  score.run += 1;
  score.right += right;
  document.getElementById("score").textContent =
    `${score.right} of ${score.run} as Corsage predicted`;
}

async function run(way, call, via) {
  const button = way.querySelector("button");
  if (button.ariaDisabled === "true") return;
  button.ariaDisabled = "true";
  try {
    const predicted = await predict(call, via);
    show(way, await ask(call, via), predicted);
  } catch {
    way.querySelector(".result").textContent = "The demo has ended: start it again.";
  } finally {
    button.ariaDisabled = "false";
  }
}

function row(call) {
  const view = clone("call");
  view.querySelector(".call").dataset.call = call.id;
  view.querySelector("h2").textContent = call.title;
  view.querySelector(".method").textContent = call.method;
  view.querySelector(".path").textContent = call.path;
  view.querySelector(".traits").append(
    ...call.traits.map((trait) => Object.assign(document.createElement("li"), { textContent: trait })),
  );
  for (const [via, label] of Object.entries(WAYS)) {
    const part = clone("way");
    const way = part.querySelector(".way");
    const button = part.querySelector("button");
    way.dataset.via = via;
    button.textContent = label;
    button.ariaLabel = `${label}: ${call.title}`;
    button.addEventListener("click", () => run(way, call, via));
    part.querySelector(".address").textContent = new URL(call.at[via]).host;
    view.querySelector(".ways").append(part);
  }
  return view;
}

const { page, pages, calls } = await (await fetch("/calls")).json();
document.body.dataset.page = page;
document.title = document.getElementById("name").textContent = NAMES[page];
document.getElementById("origin").textContent = location.origin;
for (const [name, origin] of Object.entries(pages)) {
  const link = Object.assign(document.createElement("a"), { href: origin, textContent: SHORT[name] });
  if (name === page) link.ariaCurrent = "page";
  const item = document.createElement("li");
  item.append(link);
  document.getElementById("pages").append(item);
}
document.getElementById("calls").append(...calls.map(row));
const runAll = document.getElementById("run-all");
runAll.addEventListener("click", async () => {
  if (runAll.ariaDisabled === "true") return;
  runAll.ariaDisabled = "true";
  for (const call of calls) {
    for (const way of document.querySelectorAll(`[data-call="${call.id}"] .way`)) {
      await run(way, call, way.dataset.via);
    }
  }
  runAll.ariaDisabled = "false";
});
runAll.disabled = false;
document.body.dataset.ready = "true";
