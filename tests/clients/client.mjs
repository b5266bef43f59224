// Drives a gateway with the published JavaScript client, android-sms-gateway 3.0.0, on Node.
//
// Run by `cargo xtask test`. GATEWAY_URL, GATEWAY_USER and GATEWAY_PASSWORD name the gateway,
// CLIENT_DIR the directory of the installed package. The client is used as its documentation says,
// with nothing but the base URL changed. What is marked "its own bug" is the client's.
// This client has no tokens, no inbox, no list and no cancel; the Python one drives those.

import assert from "node:assert/strict";
import { copyFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

// Its own bug: the package holds an ES module but does not say so ("type": "module"), so older Nodes
// refuse it. A copy with the right ending loads everywhere.
const source = join(process.env.CLIENT_DIR, "dist/index.js");
const module = source.replace(/\.js$/, ".mjs");
copyFileSync(source, module);
const { default: Client, WebHookEventType } = await import(pathToFileURL(module));

const { GATEWAY_URL: url, GATEWAY_USER: user, GATEWAY_PASSWORD: password } = process.env;
const patience = 20_000;

class HttpError extends Error {
    constructor(status, body) {
        super(`HTTP ${status}`);
        Object.assign(this, { status, body });
    }
}

// The client leaves HTTP to its user. An empty body is no JSON: 202 and 204 have none.
async function ask(method, address, headers, body) {
    const response = await fetch(address, {
        method, headers, body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    const value = text === "" ? undefined : JSON.parse(text);
    if (!response.ok) throw new HttpError(response.status, value);
    return value;
}

const http = {
    get: (address, headers) => ask("GET", address, headers),
    delete: (address, headers) => ask("DELETE", address, headers),
    post: (address, body, headers) => ask("POST", address, headers, body),
    put: (address, body, headers) => ask("PUT", address, headers, body),
    patch: (address, body, headers) => ask("PATCH", address, headers, body),
};

const client = (base = url, secret = password) => new Client(user, secret, http, base);
const api = client();

async function refused(status, work) {
    const error = await work().then(() => undefined, (reason) => reason);
    assert.equal(error?.status, status, error?.stack ?? "it was not refused");
    assert.match(error.body.message, /\.$/);
}

const simulate = (path, body) => ask("POST", `${url}/simulator/${path}`, {
    "Content-Type": "application/json", Authorization: `Basic ${btoa(`${user}:${password}`)}`,
}, body);

async function devicesAndHealth() {
    for (const base of [url, `${url}/3rdparty/v1`, `${url}/api/3rdparty/v1`]) {
        const [device] = await client(base).getDevices();
        assert.equal(device.name, "SimRelay/Simulator");
        assert.ok(Date.parse(device.lastSeen) > 0);
        assert.match((await client(base).getHealth()).status, /^(pass|warn)$/);
    }
    await refused(401, () => client(url, "wrong").getDevices());
}

async function webhooks() {
    const arrivals = [];
    let arrived;
    const receiver = createServer(async (request, response) => {
        let body = "";
        for await (const piece of request) body += piece;
        arrivals.push(JSON.parse(body));
        response.writeHead(204).end();
        arrived?.();
    });
    await new Promise((listening) => receiver.listen(0, "127.0.0.1", listening));
    const hook = { id: "<unique-id>", url: `http://127.0.0.1:${receiver.address().port}/`, event: WebHookEventType.SmsReceived };
    assert.deepEqual(await api.registerWebhook(hook), { ...hook, source: "Local" });
    assert.deepEqual((await api.getWebhooks()).map(({ id }) => id), ["<unique-id>"]);

    const { messageId } = await simulate("incoming", { from: "+12025550123", text: "Hello", simNumber: 2 });
    const timeout = AbortSignal.timeout(patience);
    await new Promise((done, fail) => {
        arrived = done;
        timeout.onabort = () => fail(new Error("no webhook came"));
        if (arrivals.length > 0) done();
    });
    assert.equal(arrivals[0].webhookId, "<unique-id>");
    assert.equal(arrivals[0].payload.messageId, messageId);
    assert.equal(arrivals[0].payload.message, "Hello");
    receiver.close();

    // The client puts the id into the path as it is; fetch escapes it.
    assert.equal(await api.deleteWebhook("<unique-id>"), undefined);
    assert.deepEqual(await api.getWebhooks(), []);
    await refused(400, () => api.registerWebhook({ ...hook, event: "nonsense" }));
    // Its own bug: the HTTP client of its README reads every answer as JSON, and so fails after a
    // deletion that succeeded.
    const readme = { delete: async (address, headers) => (await fetch(address, { method: "DELETE", headers })).json() };
    await assert.rejects(new Client(user, password, readme, url).deleteWebhook("x"), SyntaxError);
}

async function settings() {
    const before = await api.getSettings();
    for (const group of ["messages", "webhooks", "gateway", "encryption", "logs", "ping"]) {
        assert.equal(typeof before[group], "object", group);
    }
    await api.patchSettings({ webhooks: { retry_count: 3 }, ping: { interval_seconds: 3600 } });
    assert.equal((await api.getSettings()).webhooks.retry_count, 3);
    await api.updateSettings({ webhooks: { retry_count: 4 } });
    const after = await api.getSettings();
    assert.equal(after.webhooks.retry_count, 4);
    assert.equal(after.ping.interval_seconds, before.ping.interval_seconds);
    await refused(400, () => api.patchSettings({ webhooks: { retry_count: 0 } }));
    await api.updateSettings({});
    assert.deepEqual(await api.getSettings(), before);
}

async function logs() {
    const now = new Date();
    const entries = await api.getLogs(new Date(now - 3_600_000), new Date(now.getTime() + 60_000));
    assert.ok(entries.length > 0 && entries.every((entry) => entry.message && entry.createdAt));
    assert.deepEqual(await api.getLogs(undefined, new Date(0)), []);
}

async function state(id, wanted) {
    const deadline = Date.now() + patience;
    for (;;) {
        const found = await api.getState(id);
        if (found.state === wanted) return found;
        assert.ok(Date.now() < deadline, `${found.state} instead of ${wanted}`);
        await new Promise((later) => setTimeout(later, 50));
    }
}

async function sending() {
    // The old form of a text, as the client's documentation shows it.
    const sent = await api.send({ id: "js-1", message: "Hello", phoneNumbers: ["+12025550143"] });
    assert.equal(sent.id, "js-1");
    assert.equal((await state("js-1", "Delivered")).recipients[0].state, "Delivered");
    await refused(400, () => api.send({ message: "x", phoneNumbers: ["12"] }));
    const short = await api.send({ message: "x", phoneNumbers: ["12345"] }, { skipPhoneValidation: true });
    await state(short.id, "Delivered");
    await refused(404, () => api.getState("unknown"));
}

async function exporting() {
    const [{ id: deviceId }] = await api.getDevices();
    const until = new Date();
    const since = new Date(until - 86_400_000);
    assert.equal(await api.exportInbox({ deviceId, since, until }), undefined);
    await refused(400, () => api.exportInbox({ deviceId, since: until, until: since }));
}

const steps = [devicesAndHealth, webhooks, settings, logs, sending, exporting];
for (const step of steps) {
    await step();
    console.log(`javascript: ${step.name}: ok`);
}
