// The page around the model: a form of the columns, the prediction above it.

import { decode, fromBase64 } from "./picture.js";
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

function typed({ name, type }, value, choices) {
  const id = `choices-${name}`;
  const input = make("input", { name, placeholder: "missing", defaultValue: value ?? "", autocomplete: "off" });
  if (type !== "string") Object.assign(input, { type: "number", step: "any" });
  if (!choices) return make("label", { title: name }, name, input);
  input.setAttribute("list", id);
  return make("label", { title: name }, name, input, make("datalist", { id }, ...choices.map((choice) => make("option", { value: choice }))));
}

/** A picture with a button to take another; `changed` gets the pixels of each. */
async function picture(form, { name, shape: [, , , channels] }, example, changed) {
  const shown = make("img", { alt: name });
  const chooser = make("input", { type: "file", accept: "image/*" });
  const take = async (blob) => {
    shown.src = blob ? URL.createObjectURL(blob) : "";
    changed(blob && (await decode(blob, channels)));
    form.dispatchEvent(new Event("input"));
  };
  chooser.addEventListener("change", () => take(chooser.files[0]));
  form.addEventListener("reset", () => take(example));
  await take(example);
  return make("label", { title: name }, name, shown, chooser);
}

async function start() {
  const card = await (await get("model.json")).json();
  const model = await open(new Uint8Array(await (await get("model.ort")).arrayBuffer()), card.sha256);
  const form = element("form");
  const row = { ...card.example };
  const fields = {};
  const update = async () => {
    const values = [...new FormData(form)].map(([name, text]) => [name, text === "" ? null : text]);
    show(card, (await predict(model, [{ ...row, ...Object.fromEntries(values) }]))[0]);
  };
  for (const input of model.inputMetadata) {
    const { name } = input;
    const isPicture = input.type === "uint8";
    const changed = (pixels) => (row[name] = pixels);
    fields[name] = isPicture ? await picture(form, input, fromBase64(row[name]), changed) : typed(input, row[name], card.choices[name]);
  }
  const ordered = (await byInfluence(model, row)).map((name) => fields[name]);
  element("title").textContent = `${card.table}: Stillroom in the browser`;
  element("first").append(...ordered.slice(0, SHOWN));
  element("rest").append(...ordered.slice(SHOWN));
  element("more").textContent = `${Math.max(0, ordered.length - SHOWN)} more columns`;
  element("more").parentElement.hidden = ordered.length <= SHOWN;

  form.addEventListener("input", update);
  form.addEventListener("reset", () => setTimeout(update));
  form.addEventListener("submit", (event) => event.preventDefault());
  form.hidden = false;
  await update();
  facts(card, await latency(model, row));
}

start().catch((error) => {
  element("headline").textContent = error.message;
  document.querySelector(".verdict").classList.add("wrong");
});
