// Calls a server as @gradio/client's users do: node gradio.mjs <scenario> <address> [key]
import { Client, handle_file } from "@gradio/client";

const [scenario, address, key] = process.argv.slice(2);
const options = { events: ["data", "status"] };
if (key) options.headers = { Authorization: `Bearer ${key}` };
const client = await Client.connect(address, options);
const text = "Write to eve.kent@mail.example today.";

const scenarios = {
  async paste() {
    const named = await client.predict("/create_paste", { text, ttl: "1h" });
    const positional = await client.predict("/create_paste", [text]);
    return [named.data, positional.data];
  },
  async document() {
    const file = new File([text], "note.txt", { type: "text/plain" });
    const result = await client.predict("/analyze_document", { file: handle_file(file) });
    return result.data[0];
  },
  async file() {
    const file = new File([text], "note.txt", { type: "text/plain" });
    const result = await client.predict("/redact_document", [file]);
    const [data] = result.data;
    const answer = await fetch(data.url, { headers: options.headers });
    return { data, type: answer.headers.get("content-type"), text: await answer.text() };
  },
  async error() {
    try {
      await client.predict("/create_paste", { text, ttl: "soon" });
    } catch (error) {
      return { is_error: error instanceof Error, message: error.message, stage: error.stage };
    }
  },
  async many() {
    const calls = Array.from({ length: 8 }, (_, n) =>
      client.predict("/create_paste", { text: `Number ${n}: ${text}` }),
    );
    return (await Promise.all(calls)).map((result) => result.data[0].view_path);
  },
  async cancel() {
    const long = client.submit("/create_paste", { text: "nothing to hide. ".repeat(60_000) });
    const short = client.predict("/create_paste", { text });
    await long.wait_for_id();
    await long.cancel();
    const stages = [];
    for await (const event of long) stages.push([event.type, event.stage, event.message]);
    return { last: stages.at(-1), other: (await short).data };
  },
  async endpoints() {
    const api = await client.view_api();
    return Object.keys(api.named_endpoints);
  },
};
console.log(JSON.stringify(await scenarios[scenario]()));
