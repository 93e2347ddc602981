// Predicts with an exported model, in a browser as in Node: the same rows in as the service takes, the same numbers out.

import * as ort from "./node_modules/onnxruntime-web/dist/ort.wasm.bundle.min.mjs";

// Threads would need a page that is isolated from all others, and make a small model slower.
ort.env.wasm.numThreads = 1;

const MISSING = { string: "", float32: NaN };
const ARRAY = { string: Array, float32: Float32Array, uint8: Uint8Array };

/** Opens a model from its file's bytes: ONNX or ORT format. */
export function open(bytes) {
  return ort.InferenceSession.create(bytes);
}

/** Predicts rows, [{column: value}]: a missing column or null is a missing value. One number a row, or one a class. */
export async function predict(model, rows) {
  const feeds = Object.fromEntries(model.inputMetadata.map((input) => [input.name, tensor(input, rows)]));
  const { prediction } = await model.run(feeds);
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

/** Microseconds that one prediction of a row takes: the mean of many, since a browser's clock is coarse. */
export async function latency(model, row, runs = 200) {
  const start = performance.now();
  for (let run = 0; run < runs; run++) await predict(model, [row]);
  return ((performance.now() - start) / runs) * 1000;
}

function tensor({ name, type, shape }, rows) {
  const values = rows.map((row) => row[name] ?? MISSING[type]).flat(Infinity);
  return new ort.Tensor(type, ARRAY[type].from(values, type === "string" ? String : Number), [rows.length, ...shape.slice(1)]);
}
