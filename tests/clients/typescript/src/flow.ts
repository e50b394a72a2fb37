// What an app does with the REST API, one function a use case.

import { app, browser, type Client, expect, failed, otherThan, readCode, succeeded } from "./site.js";

/** Verifies a number before there is a user: wrong code, retry too early, right code. Returns the proof. */
export async function signUp(url: string, phoneNumber: string): Promise<string> {
  const client = app(url);
  const sent = succeeded(await client.POST("/api/phone/authentications/", { body: { phone_number: phoneNumber } }), 201);
  expect(sent.purpose === "signup" && sent.status === "pending", "a code was sent");
  const params = { path: { public_id: sent.id } };

  const code = await readCode(url, phoneNumber);
  const check = "/api/phone/authentications/{public_id}/check/";
  const wrong = failed(await client.POST(check, { params, body: { code: otherThan(code) } }), 400, "invalid");
  expect("remaining_checks" in wrong && wrong.remaining_checks === sent.remaining_checks - 1, "a check was counted");

  const retried = await client.POST("/api/phone/authentications/{public_id}/retry/", { params, body: {} });
  const early = failed(retried, 429, "rate_limited");
  expect((early.retry_after ?? 0) > 0, "the wait is known");
  expect(retried.response.headers.get("Retry-After") === String(early.retry_after), "the header has it as well");

  const valid = succeeded(await client.POST(check, { params, body: { code } }), 200);
  expect(valid.status === "valid" && valid.phone_number === phoneNumber, "the code was right");
  failed(await client.POST(check, { params, body: { code } }), 409, "already_validated");
  const now = succeeded(await client.GET("/api/phone/authentications/{public_id}/", { params }), 200);
  expect(now.status === "validated", "the authentication is final");
  expect(valid.proof !== undefined && valid.proof !== "", "there is a proof");
  return valid.proof ?? "";
}

/** Logs an app in by a code. Returns its token. */
export async function logInWithToken(url: string, phoneNumber: string): Promise<string> {
  const answer = await logIn(app(url), url, phoneNumber);
  if (!("token" in answer)) throw new Error("a token was expected");
  return answer.token;
}

/** Logs a browser in by a code. Returns the client with its session. */
export async function logInWithSession(url: string, phoneNumber: string): Promise<Client> {
  const client = await browser(url);
  const answer = await logIn(client, url, phoneNumber);
  expect("status" in answer && answer.status === "valid", "the session is logged in");
  return client;
}

async function logIn(client: Client, url: string, phoneNumber: string) {
  const sent = succeeded(await client.POST("/api/phone/login/", { body: { phone_number: phoneNumber } }), 201);
  const params = { path: { public_id: sent.id } };
  const code = await readCode(url, phoneNumber);
  const check = "/api/phone/login/{public_id}/check/";
  failed(await client.POST(check, { params, body: { code: otherThan(code) } }), 400, "invalid");
  return succeeded(await client.POST(check, { params, body: { code } }), 200);
}

/** Returns the user's numbers, the primary one first. */
export async function numbers(client: Client): Promise<{ id: string; phone_number: string; is_primary: boolean }[]> {
  return succeeded(await client.GET("/api/phone/phone-numbers/"), 200);
}

/** Confirms that it is the user by a code to their primary number. Returns the proof. */
export async function stepUp(client: Client, url: string): Promise<string> {
  const sent = succeeded(await client.POST("/api/phone/step-up/", { body: {} }), 201);
  if (!("id" in sent)) throw new Error("a code was expected, not a proof");
  const valid = succeeded(
    await client.POST("/api/phone/authentications/{public_id}/check/", {
      params: { path: { public_id: sent.id } },
      body: { code: await readCode(url, sent.phone_number) },
    }),
    200,
  );
  return valid.proof ?? "";
}

/** Adds a number to the account, which needs a proof from a client without a session. */
export async function addNumber(client: Client, url: string, phoneNumber: string, proof?: string): Promise<void> {
  const header = proof === undefined ? {} : { "Step-Up-Proof": proof };
  const body = { phone_number: phoneNumber };
  const sent = succeeded(await client.POST("/api/phone/authentications/", { params: { header }, body }), 201);
  const path = { public_id: sent.id };
  const code = await readCode(url, phoneNumber);
  succeeded(await client.POST("/api/phone/authentications/{public_id}/check/", { params: { path }, body: { code } }), 200);
}
