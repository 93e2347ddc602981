// Predicts with an exported model, in a browser as in Node: the same rows in as the service takes, the same numbers out.

import * as ort from "./node_modules/onnxruntime-web/dist/ort.wasm.bundle.min.mjs";

// Threads would need a page that is isolated from all others, and make a small model slower.
ort.env.wasm.numThreads = 1;

const TENSOR = {
  float32: (values) => new ort.Tensor("float32", Float32Array.from(values, (value) => value ?? NaN), [values.length, 1]),
  string: (values) => new ort.Tensor("string", values.map((value) => String(value ?? "")), [values.length, 1]),
  uint8: pictures,
};

/** Opens a model from its file's bytes: ONNX or ORT format. With a SHA-256, another file than that one is refused. */
export async function open(bytes, sha256) {
  if (sha256 !== undefined) await check(bytes, sha256);
  return ort.InferenceSession.create(bytes);
}

/**
 * Predicts rows, [{column: value}]: a missing column or null is a missing value. One number a row, or one a class.
 * A picture is its pixels, {data, height, width}, channels last; those of one column have one size.
 */
export async function predict(model, rows) {
  const columns = model.inputMetadata.map(({ name, type, shape }) => [name, TENSOR[type](rows.map((row) => row[name]), shape)]);
  const { prediction } = await model.run(Object.fromEntries(columns));
  const [count, classes] = prediction.dims;
  if (classes === undefined) return Array.from(prediction.data);
  return Array.from({ length: count }, (_, row) => Array.from(prediction.data.subarray(row * classes, (row + 1) * classes)));
}

/** The columns of a row, those first without which its prediction would move the most. */
export async function byInfluence(model, row) {
  const columns = model.inputNames;
  const [whole, ...without] = await predict(model, [row, ...columns.map((column) => ({ ...row, [column]: null }))]);
  const moved = without.map((prediction) => Math.max(...[prediction].flat().map((p, i) => Math.abs(p - [whole].flat()[i]))));
  return columns.map((_, i) => i).sort((a, b) => moved[b] - moved[a]).map((i) => columns[i]);
}

/** Microseconds that one prediction of a row takes: the median of turns of ten, since a browser's clock is coarse. */
export async function latency(model, row, turns = 21) {
  const found = [];
  for (let turn = 0; turn < turns; turn++) {
    const start = performance.now();
    for (let run = 0; run < 10; run++) await predict(model, [row]);
    found.push((performance.now() - start) * 100);
  }
  return found.sort((a, b) => a - b)[turns >> 1];
}

async function check(bytes, expected) {
  if (!crypto.subtle) throw new Error("a browser checks a model only on pages of https:// or localhost: open this page there");
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  const found = Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
  if (found !== expected) throw new Error(`the model is not the file that was saved: its SHA-256 is ${found}, expected ${expected}`);
}

/** Black where a picture is missing. */
function pictures(values, [, , , channels]) {
  const { height, width } = values.find((picture) => picture) ?? { height: 1, width: 1 };
  const size = height * width * channels;
  const pixels = new Uint8Array(values.length * size);
  values.forEach((picture, row) => {
    if (picture && picture.data.length !== size) throw new Error("the pictures of one call must have one size");
    if (picture) pixels.set(picture.data, row * size);
  });
  return new ort.Tensor("uint8", pixels, [values.length, height, width, channels]);
}
