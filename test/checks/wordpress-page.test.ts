import assert from "node:assert/strict";
import { Page } from "../../tools/checks/facts/live";
import { same } from "../../text";
import { pageServed } from "../../tools/checks/labs/wordpress";

const url = "http://localhost:30000";
const steps = {
  logs: "docker logs wordpress",
  make: same("npm run up"),
  remake: "docker rm --force wordpress; npm run up",
  exec: "docker exec wordpress",
  database: { en: "", ko: "" },
  anew: "",
};
type Answer = Partial<Page> & { forHttps?: Partial<Page> };

/** What a site answers at its paths; everything else is not found. */
async function verdict(site: Record<string, Answer>) {
  const found = await pageServed(
    url,
    (at, headers) => {
      const { forHttps, ...plain } = site[at.slice(url.length)] ?? { status: 404 };
      const page = headers?.["x-forwarded-proto"] === "https" ? (forHttps ?? plain) : plain;
      return Promise.resolve({ status: 200, headers: {}, body: "", ...page });
    },
    steps,
  );
  return { status: found.status, why: "why" in found ? found.why.en : "", next: "next" in found ? found.next.en : "" };
}
const api = "/index.php?rest_route=/";
const json = (home: string) => ({ body: JSON.stringify({ home, name: "Class", namespaces: ["wp/v2"] }) });
const logIn = (home: string) => ({
  body: `<form name="loginform" id="loginform" action="${home}/wp-login.php" method="post">`,
});
const front = { body: "<title>Class</title>" };

describe("the page of WordPress", () => {
  const right: [what: string, site: Record<string, Answer>][] = [
    ["with everything open", { "/": front, [api]: json(url) }],
    [
      "with its REST API closed by a plugin",
      {
        "/": front,
        [api]: { status: 401, body: '{"code":"x","message":"y","data":{"status":401}}' },
        "/wp-login.php": logIn(url),
      },
    ],
    [
      "with its REST API closed by a page",
      {
        "/": front,
        [api]: { status: 403, body: "<title>Forbidden</title>" },
        "/index.php": { status: 301, headers: { location: `${url}/`, "x-redirect-by": "WordPress" } },
        "/wp-login.php": logIn(url),
      },
    ],
    [
      "with a page of a plugin for visitors",
      { "/": { status: 503, body: "<title>Soon</title>" }, "/wp-login.php": logIn(url) },
    ],
    [
      "behind https",
      {
        "/": { status: 301, headers: { location: `${url.replace("http:", "https:")}/` }, forHttps: front },
        [api]: { status: 301, forHttps: json(url.replace("http:", "https:")) },
      },
    ],
  ];
  for (const [what, site] of right) {
    it(`passes ${what}`, async () => {
      assert.deepEqual(await verdict(site), { status: "passed", why: "", next: "" });
    });
  }

  it("is missing if only the login page is left, and no file of an updated WordPress is restored", async () => {
    const found = await verdict({ "/": { body: "<title>WordPress</title> wp-content" }, "/wp-login.php": logIn(url) });
    assert.match(found.why, /is not WordPress: 200, "WordPress"/);
    assert.match(
      found.next,
      /: docker exec wordpress cp -a --backup=simple --suffix=\.before \/usr\/src\/wordpress\/index\.php \/var\/www\/html\/$/,
    );
  });

  it("is not at its address if WordPress is configured with another one", async () => {
    const other = "http://localhost:31000";
    assert.match(
      (await verdict({ "/": front, [api]: json(other) })).why,
      /is configured with the site URL http:\/\/localhost:31000/,
    );
    const closed = { status: 401, body: '{"code":"x"}' };
    assert.match(
      (await verdict({ "/": front, [api]: closed, "/wp-login.php": logIn(other) })).why,
      /is configured with the site URL/,
    );
  });

  it("is closed if an update closes the whole site", async () => {
    const closed = { status: 503, body: "<title>Maintenance</title>" };
    const found = await verdict({ "/": closed, "/wp-login.php": closed });
    assert.match(found.why, /answers with error 503/);
    assert.match(found.next, /\.maintenance$/);
  });

  it("requires https that nothing serves: no container is re-created for that", async () => {
    const found = await verdict({ "/": { status: 301, headers: { location: "https://localhost:30000/" } } });
    assert.match(found.why, /redirects visitors to https:\/\/localhost:30000\//);
    assert.match(found.next, /^Something in WordPress requires https/);
    const gone = await verdict({ "/": { status: 302, headers: { location: "http://localhost:31000/" } } });
    assert.match(gone.next, /: docker exec wordpress mv \S+ \S+; docker rm --force wordpress; npm run up$/);
  });
});
