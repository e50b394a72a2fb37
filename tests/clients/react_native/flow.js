// Takes the whole flow of the guide with its own code, and writes a line per step: node flow.js http://127.0.0.1:8000
const { setTimeout: sleep } = require("node:timers/promises");

const { addNumber, check, removeNumber, requestConfirmation } = require("./build/anotherNumber");
const { sendCode } = require("./build/login");
const { numbers } = require("./build/numbers");
const { PhoneAPI } = require("./build/phone");
const { resendCode } = require("./build/resend");
const { screenAfter } = require("./build/screen");
const { signUp } = require("./build/signUp");
const { logIn, restore } = require("./build/token");

const site = process.argv[2];
const api = () => new PhoneAPI(`${site}/api/phone/`);

async function code(number) {
  const inbox = await fetch(`${site}/sandbox/inbox.json?phone_number=${encodeURIComponent(number)}`);
  return (await inbox.json()).messages[0].code;
}

async function screen(request) {
  try {
    await request;
  } catch (error) {
    return screenAfter(error).name;
  }
  throw new Error("This should have failed.");
}

async function takeTheFlow() {
  const app = api();
  const sent = await sendCode(app, "202 555 0100");
  console.log("send:", sent.phone_number, (await sendCode(app, "+12025550100")).id === sent.id);
  console.log("wrong code:", await screen(logIn(app, sent, "000000")));
  console.log("too early:", await screen(resendCode(app, sent)));
  await sleep(new Date(sent.next_retry_at) - Date.now() + 100);
  console.log("resend:", (await resendCode(app, sent, "voice")).channel);
  await logIn(app, sent, await code(sent.phone_number));
  console.log("log in:", (await numbers(app)).length, await screen(logIn(api(), sent, await code(sent.phone_number))));
  const restarted = api();
  console.log("restart:", await restore(restarted), restarted.token === app.token);

  console.log("add a number:", await screen(addNumber(app, "+12025550101", "")));
  await sleep(2100);
  const confirmation = await requestConfirmation(app);
  const { proof } = await check(app, confirmation, await code(confirmation.phone_number));
  await check(app, await addNumber(app, "+12025550101", proof), await code("+12025550101"));
  const both = await numbers(app);
  await removeNumber(app, both[1], proof);
  console.log("numbers:", both.length, (await numbers(app)).length);

  const visitor = await api().send("authentications/", { body: { phone_number: "+12025550102" } });
  const verified = await check(api(), visitor, await code("+12025550102"));
  const { token } = await signUp(new PhoneAPI(`${site}/api/`), verified.proof, "grace");
  console.log("sign up:", token !== app.token);

  console.log("stale token:", await screen(numbers(Object.assign(api(), { token: "stale" }))));
  console.log("a page of a proxy:", await screen(new PhoneAPI(`${site}/nothing/`).send("")));
  console.log("offline:", await screen(new PhoneAPI("http://127.0.0.1:9/").send("")));
}

takeTheFlow().catch((error) => {
  console.error(error);
  process.exit(1);
});
