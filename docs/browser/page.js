// The page around the model: a form of the columns, the prediction above it.

import { byInfluence, latency, open, predict } from "./predict.js";

const SHOWN = 8;
const table = new URLSearchParams(location.search).get("table") ?? "flights";
const folder = new URL(`../../data/06_models/${table}/edge/`, location.href);
const element = (id) => document.getElementById(id);

/** An element of the page with text and children; text is never read as HTML. */
function make(tag, attributes = {}, ...children) {
  const made = Object.assign(document.createElement(tag), attributes);
  made.append(...children);
  return made;
}

async function get(file) {
  const answer = await fetch(new URL(file, folder));
  if (!answer.ok) throw new Error(`${folder.pathname}${file} is not there: kedro run --params table=${table} makes it`);
  return answer;
}

function percent(share) {
  return `${(100 * share).toFixed(1)} %`;
}

function track(share) {
  const fill = make("i");
  fill.style.width = `${100 * share}%`;
  return make("div", { className: "track" }, fill);
}

function bar(name, share) {
  return make("div", { className: "bar" }, make("span", { title: name }, name), track(share), make("b", {}, percent(share)));
}

function mostLikely(classes, shares) {
  return `most likely ${classes[shares.indexOf(Math.max(...shares))]}`;
}

function show(card, prediction) {
  const shown = {
    binary: () => [percent(prediction), track(prediction)],
    multiclass: () => [mostLikely(card.classes, prediction), ...card.classes.map((name, i) => bar(name, prediction[i]))],
    regression: () => [prediction.toPrecision(4)],
  };
  const [headline, ...bars] = shown[card.task]();
  element("headline").textContent = `${card.target}: ${headline}`;
  element("bars").replaceChildren(...bars);
}

function facts(card, microseconds) {
  const known = {
    "one prediction here": `${microseconds.toFixed(0)} µs`,
    "the file": `${card.size_kb.toFixed(0)} kB`,
    candidate: card.candidate,
    [`${card.metric.replaceAll("_", " ")}, test split`]: card.metrics[card.metric].toFixed(4),
  };
  element("facts").replaceChildren(...Object.entries(known).map(([name, text]) => make("div", {}, make("dt", {}, name), make("dd", {}, text))));
}

function field({ name, type }, value, choices) {
  const id = `choices-${name}`;
  const input = make("input", { name, placeholder: "missing", defaultValue: value ?? "", autocomplete: "off" });
  if (type !== "string") Object.assign(input, { type: "number", step: "any" });
  if (!choices) return make("label", { title: name }, name, input);
  input.setAttribute("list", id);
  return make("label", { title: name }, name, input, make("datalist", { id }, ...choices.map((choice) => make("option", { value: choice }))));
}

/** The row that the form holds now; a picture cannot be typed, and stays that of the example. */
function read(form, example) {
  const typed = [...new FormData(form)].map(([name, text]) => [name, text === "" ? null : text]);
  return { ...example, ...Object.fromEntries(typed) };
}

async function start() {
  const card = await (await get("model.json")).json();
  const model = await open(new Uint8Array(await (await get("model.ort")).arrayBuffer()));
  const inputs = Object.fromEntries(model.inputMetadata.map((input) => [input.name, input]));
  const order = (await byInfluence(model, card.example)).filter((name) => !Array.isArray(card.example[name]));
  const fields = order.map((name) => field(inputs[name], card.example[name], card.choices[name]));
  element("title").textContent = `${card.table}: Stillroom in the browser`;
  element("first").append(...fields.slice(0, SHOWN));
  element("rest").append(...fields.slice(SHOWN));
  element("more").textContent = `${fields.length - Math.min(SHOWN, fields.length)} more columns`;

  const form = element("form");
  const update = async () => show(card, (await predict(model, [read(form, card.example)]))[0]);
  form.addEventListener("input", update);
  form.addEventListener("reset", () => setTimeout(update));
  form.addEventListener("submit", (event) => event.preventDefault());
  form.hidden = false;
  await update();
  facts(card, await latency(model, card.example));
}

start().catch((error) => {
  element("headline").textContent = error.message;
  document.querySelector(".verdict").classList.add("wrong");
});
