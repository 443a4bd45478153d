import assert from "node:assert/strict";

const admin = { user: "teacher", password: "a-long-Enough-1-password" };

/** A person in front of WordPress: a browser that keeps cookies and follows no redirects by itself. */
export class Visitor {
  private readonly cookies = new Map<string, string>();

  constructor(readonly url: string) {}

  async request(path: string, form?: Record<string, string>, headers: Record<string, string> = {}): Promise<Response> {
    const answer = await fetch(this.url + path, {
      method: form ? "POST" : "GET",
      body: form && new URLSearchParams(form),
      redirect: "manual",
      headers: { cookie: [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; "), ...headers },
      signal: AbortSignal.timeout(60_000),
    });
    for (const cookie of answer.headers.getSetCookie()) {
      const [pair = ""] = cookie.split(";");
      this.cookies.set(pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1));
    }
    return answer;
  }

  /** Goes through the install page as a first visitor does. */
  async install(): Promise<void> {
    const first = await this.request("/");
    assert.equal(first.status, 302, "a new WordPress sends its first visitor to the install page");
    assert.match(first.headers.get("location") ?? "", /\/wp-admin\/install\.php$/);
    const page = await (await this.request("/wp-admin/install.php?language=en_US&step=1")).text();
    assert.match(page, /name="weblog_title"/);
    const done = await this.request("/wp-admin/install.php?step=2", {
      weblog_title: "Course labs",
      user_name: admin.user,
      admin_password: admin.password,
      admin_password2: admin.password,
      pw_weak: "on",
      admin_email: "teacher@example.org",
      language: "",
      Submit: "Install WordPress",
    });
    assert.match(await done.text(), /WordPress has been installed|Success!/);
  }

  /** Logs in and publishes a post. */
  async write(title: string): Promise<void> {
    await this.request("/wp-login.php");
    const login = await this.request("/wp-login.php", {
      log: admin.user,
      pwd: admin.password,
      testcookie: "1",
      "wp-submit": "Log In",
    });
    assert.equal(login.status, 302, "logging in leads to the dashboard");
    const nonce = await (await this.request("/wp-admin/admin-ajax.php?action=rest-nonce")).text();
    const post = await this.request(
      "/index.php?rest_route=/wp/v2/posts",
      { title, content: `Written by a test: ${title}`, status: "publish" },
      { "x-wp-nonce": nonce },
    );
    assert.equal(post.status, 201, await post.clone().text());
  }

  /** Whether the front page shows a post. */
  async shows(title: string): Promise<boolean> {
    const page = await this.request("/");
    assert.equal(page.status, 200);
    return (await page.text()).includes(title);
  }
}
