// The example as an app sees it: the generated client, and what stands in for the user and the browser.

import createClient, { type Middleware } from "openapi-fetch";
import type { components, paths } from "../generated/openapi.js";

export type Failure = components["schemas"]["PhoneError"] | components["schemas"]["WrongCode"];
export type Client = ReturnType<typeof createClient<paths>>;

interface Answer<T> {
  data?: T;
  error?: Failure;
  response: Response;
}

/** Returns the body of a success, or fails with the code of the failure. */
export function succeeded<T>(answer: Answer<T>, status: number): T {
  if (answer.data === undefined || answer.response.status !== status) {
    throw new Error(`${status} was expected, not ${answer.response.status} ${answer.error?.code ?? ""}`);
  }
  return answer.data;
}

/** Returns the body of a failure with this status and code. */
export function failed(answer: Answer<unknown>, status: number, code: string): Failure {
  if (answer.error?.code !== code || answer.response.status !== status) {
    throw new Error(`${status} ${code} was expected, not ${answer.response.status} ${answer.error?.code ?? ""}`);
  }
  return answer.error;
}

export function expect(isTrue: boolean, what: string): void {
  if (!isTrue) throw new Error(`not true: ${what}`);
}

/** A client without credentials, or with a token. */
export function app(baseUrl: string, token?: string): Client {
  return createClient<paths>({ baseUrl, headers: token === undefined ? {} : { Authorization: `Token ${token}` } });
}

/** A client with the cookies of a browser, which sends the CSRF token of a page of the site. */
export async function browser(baseUrl: string): Promise<Client> {
  const cookies = new Map<string, string>();
  const keep = (response: Response): void => {
    for (const cookie of response.headers.getSetCookie()) {
      const [name = "", value = ""] = cookie.split(";", 1)[0]?.split("=") ?? [];
      cookies.set(name, value);
    }
  };
  const withCookies: Middleware = {
    onRequest({ request }) {
      request.headers.set("Cookie", [...cookies].map((pair) => pair.join("=")).join("; "));
      if (request.method !== "GET") request.headers.set("X-CSRFToken", cookies.get("csrftoken") ?? "");
    },
    onResponse({ response }) {
      keep(response);
    },
  };
  keep(await fetch(`${baseUrl}/login/`));
  const client = app(baseUrl);
  client.use(withCookies);
  return client;
}

/** Returns the code that the user got last, from the inbox of the sandbox. */
export async function readCode(baseUrl: string, phoneNumber: string): Promise<string> {
  const response = await fetch(`${baseUrl}/sandbox/inbox.json?phone_number=${encodeURIComponent(phoneNumber)}`);
  const inbox = (await response.json()) as { messages: { code: string }[] };
  const newest = inbox.messages[0];
  if (newest === undefined) throw new Error("no message was sent");
  return newest.code;
}

/** Returns another code than the user got. */
export function otherThan(code: string): string {
  return code.replace(/./g, (digit) => String((Number(digit) + 1) % 10));
}
