// Takes the whole flow through the REST API of the example: node build/src/main.js http://127.0.0.1:8000

import { addNumber, logInWithSession, logInWithToken, numbers, signUp, stepUp } from "./flow.js";
import { app, expect, failed, succeeded } from "./site.js";

const [url = "http://127.0.0.1:8000"] = process.argv.slice(2);
const VISITOR = "+61491570156";
const USER = "+12025550105";
const SECOND = "+447400123456";

async function step(name: string, run: () => Promise<void>): Promise<void> {
  await run();
  console.log(name);
}

await step("sign-up: a proof for an anonymous caller", async () => {
  await signUp(url, VISITOR);
});

await step("a caller without credentials has no numbers", async () => {
  failed(await app(url).GET("/api/phone/phone-numbers/"), 403, "not_authenticated");
});

await step("token: log in, add a number, make it primary, remove the other", async () => {
  const client = app(url, await logInWithToken(url, USER));
  const [first] = await numbers(client);
  expect(first?.phone_number === USER && first.is_primary, "the account has the number");

  const body = { phone_number: SECOND };
  failed(await client.POST("/api/phone/authentications/", { body }), 403, "step_up_required");
  const proof = await stepUp(client, url);
  await addNumber(client, url, SECOND, proof);
  const second = (await numbers(client)).find((number) => number.phone_number === SECOND);
  if (first === undefined || second === undefined) throw new Error("two numbers were expected");

  const header = { "Step-Up-Proof": proof };
  const primary = succeeded(
    await client.POST("/api/phone/phone-numbers/{public_id}/make-primary/", {
      params: { header, path: { public_id: second.id } },
    }),
    200,
  );
  expect(primary.is_primary, "the second number is the primary one");
  const removed = await client.DELETE("/api/phone/phone-numbers/{public_id}/", {
    params: { header, path: { public_id: first.id } },
  });
  expect(removed.response.status === 204, "the first number was removed");
  expect((await numbers(client)).map((number) => number.phone_number).join() === SECOND, "one number is left");
});

await step("session: log in with a CSRF token, add a number, remove it", async () => {
  const client = await logInWithSession(url, SECOND);
  await addNumber(client, url, USER);
  const added = (await numbers(client)).find((number) => number.phone_number === USER);
  if (added === undefined) throw new Error("the number was expected");
  const params = { path: { public_id: added.id } };
  expect((await client.DELETE("/api/phone/phone-numbers/{public_id}/", { params })).response.status === 204, "removed");
  failed(await client.DELETE("/api/phone/phone-numbers/{public_id}/", { params }), 404, "not_found");
});
