// {"models": files' paths, "rows": [{column: value}]} on standard input; what docs/browser/predict.js makes of each, out.
import { readFileSync } from "node:fs";
import { byInfluence, latency, open, predict } from "../../docs/browser/predict.js";

const { models, rows } = JSON.parse(readFileSync(0, "utf8"));
const found = [];
for (const path of models) {
  const model = await open(readFileSync(path));
  const [row] = rows;
  found.push({
    predictions: await predict(model, rows),
    order: await byInfluence(model, row),
    microseconds: await latency(model, row, 3),
  });
}
process.stdout.write(JSON.stringify(found));
