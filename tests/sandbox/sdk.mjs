// Calls the Node SDK: reads a method and its arguments per line, writes the answer or the error.

import { createInterface } from "node:readline";
import Prelude from "@prelude.so/sdk";

const [apiToken, baseURL] = process.argv.slice(2);
const client = new Prelude({ apiToken, baseURL, maxRetries: 0 });

async function call(path, values) {
  const names = path.split(".");
  const method = names.pop();
  const resource = names.reduce((found, name) => found[name], client);
  try {
    return { answer: await resource[method](...values) };
  } catch (error) {
    if (!(error instanceof Prelude.APIError)) throw error;
    return { error: error.constructor.name, status: error.status, body: error.error };
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const { method, arguments: values } = JSON.parse(line);
  console.log(JSON.stringify(await call(method, values)));
}
