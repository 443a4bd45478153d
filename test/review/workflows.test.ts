import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, IncomingMessage, Server } from "node:http";
import { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";

const root = join(__dirname, "../..");
const folder = join(root, ".github/workflows");

interface Step {
  uses?: string;
  run?: string;
  env?: Record<string, string>;
  with?: Record<string, unknown>;
}
interface Job {
  permissions?: Record<string, string>;
  steps: Step[];
  needs?: string;
}
interface Workflow {
  on: unknown;
  permissions: Record<string, string>;
  concurrency: { "cancel-in-progress": unknown };
  jobs: Record<string, Job>;
}

const workflows = readdirSync(folder).map((file) => {
  const text = readFileSync(join(folder, file), "utf8");
  return { file, text, workflow: parse(text) as Workflow };
});

describe("the workflows", () => {
  it("are there", () =>
    assert.deepEqual(workflows.map(({ file }) => file).sort(), [
      "ci.yml",
      "end-to-end-nightly.yml",
      "nightly.yml",
      "preview.yml",
    ]));

  for (const { file, text, workflow } of workflows) {
    const steps = Object.values(workflow.jobs).flatMap((job) => job.steps);

    it(`${file}: every action is GitHub's own, pinned by commit, with its version beside it`, () => {
      const lines = text.split("\n").filter((line) => /uses:/.test(line));
      assert.equal(lines.length, steps.filter(({ uses }) => uses).length);
      for (const line of lines) assert.match(line, /uses: actions\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
    });

    it(`${file}: every step that runs something runs one script of the repository`, () => {
      const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { scripts: object };
      for (const { run } of steps) {
        if (run === undefined) continue;
        const [, script, task] = /^(?:node (\.github\/scripts\/[\w-]+\.mjs)|npm (?:run )?([\w:]+))$/.exec(run) ?? [];
        assert.ok(script ? existsSync(join(root, script)) : task && task in scripts, run);
      }
    });

    it(`${file}: nothing may be written by default, and nothing of a pull request gets a secret`, () => {
      assert.ok(Object.values(workflow.permissions).every((access) => access === "read"));
      assert.doesNotMatch(text, /pull_request_target|workflow_run|secrets\./);
      for (const { run } of steps) assert.doesNotMatch(run ?? "", /\$\{\{/);
      for (const { uses, with: inputs } of steps) {
        if (uses?.startsWith("actions/checkout@")) assert.equal(inputs?.["persist-credentials"], false);
      }
    });
  }

  it("preview.yml: what runs the pull request may write nothing, and what may comment runs the base's script", () => {
    const { jobs, concurrency } = workflows.find(({ file }) => file === "preview.yml")!.workflow;
    assert.deepEqual(jobs.review?.permissions, { contents: "read" });
    assert.deepEqual(jobs.comment?.permissions, { contents: "read", "pull-requests": "write" });
    const checkout = jobs.comment?.steps.find(({ uses }) => uses?.startsWith("actions/checkout@"));
    assert.equal(checkout?.with?.ref, "${{ github.event.pull_request.base.sha }}");
    assert.equal(concurrency["cancel-in-progress"], false);
    assert.ok(!jobs.review?.steps.some(({ env }) => env && "GITHUB_TOKEN" in env));
  });
});

/** Runs a script of the workflows in a folder. */
async function script(
  name: string,
  cwd: string,
  env: Record<string, string>,
): Promise<{ code: number | null; said: string }> {
  const child = spawn(process.execPath, [join(root, ".github/scripts", name)], {
    cwd,
    env: { PATH: process.env.PATH, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data: Buffer) => (said += data.toString()));
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
  return { code, said };
}

describe("the script that reviews", () => {
  let at: string;
  beforeEach(() => {
    at = mkdtempSync(join(tmpdir(), "review-script-"));
    mkdirSync(join(at, "tools"));
  });
  afterEach(() => rmSync(at, { recursive: true }));

  /** A command `review` that ends with a code, and reports or does not. */
  const pretend = (code: number, reports = true) =>
    writeFileSync(
      join(at, "tools/run.mjs"),
      `import { writeFileSync } from "node:fs";
      console.error("asked: " + process.argv.slice(2).join(" "));
      if (${reports}) writeFileSync("review-report/review.md", "<!-- course-labs-review -->\\nreport ${code}\\n");
      process.exitCode = ${code};`,
    );
  const summary = () => readFileSync(join(at, "summary.md"), "utf8");
  const review = (env: Record<string, string> = {}) =>
    script("review.mjs", at, { BASE: "abc123", GITHUB_STEP_SUMMARY: join(at, "summary.md"), ...env });

  for (const [code, ends] of [
    [0, 0],
    [2, 0],
    [3, 1],
    [1, 1],
  ] as const) {
    it(`a review that ends with ${code}: the job ends with ${ends}, with the report as its summary`, async () => {
      pretend(code);
      const { code: ended, said } = await review();
      assert.equal(ended, ends, said);
      assert.match(
        said,
        /asked: review --deploy --base abc123 --lang ko --markdown review-report\/review\.md --json review-report\/review\.json/,
      );
      assert.match(summary(), new RegExp(`report ${code}`));
      assert.equal(said.includes("::error title=위험한 변경::"), code === 3);
    });
  }

  it("asks for English where the repository wants that, and for Korean where its variable is empty", async () => {
    pretend(3);
    const { said } = await review({ REVIEW_LANG: "en" });
    assert.match(said, /--lang en --markdown/);
    assert.match(said, /::error title=Dangerous changes::/);
    assert.match((await review({ REVIEW_LANG: "" })).said, /--lang ko --markdown/);
  });

  it("a review that falls over: the report is what it said last", async () => {
    pretend(1, false);
    const { code } = await review();
    assert.equal(code, 1);
    assert.match(
      summary(),
      /^<!-- course-labs-review -->\n\n## ❌ 검토가 실패했습니다 \(종료 코드 1\)\n\n```\nasked: review/,
    );
    rmSync(join(at, "summary.md"));
    await review({ REVIEW_LANG: "en" });
    assert.match(summary(), /## ❌ The review failed \(exit code 1\)\n/);
  });

  it("leaves every file of the repository where it is", async () => {
    mkdirSync(join(at, "report"));
    writeFileSync(join(at, "report/page.ts"), "");
    pretend(0);
    assert.equal((await review()).code, 0);
    assert.ok(existsSync(join(at, "report/page.ts")));
    const ignored = readFileSync(join(root, ".gitignore"), "utf8").split("\n");
    assert.ok(ignored.includes("review-report/"));
  });

  it("without a base it does not begin", async () => {
    pretend(0);
    const { code, said } = await script("review.mjs", at, {});
    assert.equal(code, 1);
    assert.match(said, /BASE must name the revision/);
  });
});

describe("the script that comments", () => {
  interface Comment {
    id: number;
    body: string;
    user: { type: string };
  }
  let at: string;
  let server: Server;
  let comments: Comment[];
  let asked: string[];
  let refuses: boolean;

  const bodyOf = async (request: IncomingMessage) => {
    let text = "";
    for await (const part of request) text += String(part);
    return text ? (JSON.parse(text) as { body: string }).body : "";
  };

  beforeEach(async () => {
    [at, comments, asked, refuses] = [mkdtempSync(join(tmpdir(), "review-comment-")), [], [], false];
    mkdirSync(join(at, "review-report"));
    const event = { pull_request: { number: 7, head: { sha: "0123456789abcdef" } } };
    writeFileSync(join(at, "event.json"), JSON.stringify(event));
    server = createServer((request, answer) => {
      void bodyOf(request).then((body) => {
        const { method, url = "", headers } = request;
        asked.push(`${method} ${url}`);
        assert.equal(headers.authorization, "Bearer token");
        const [, id] = /comments\/(\d+)$/.exec(url) ?? [];
        if (method !== "GET" && refuses) {
          answer.writeHead(403).end('{"message":"Resource not accessible by integration"}');
          return;
        }
        if (method === "POST") comments.push({ id: 100, body, user: { type: "Bot" } });
        if (method === "PATCH") comments.find((comment) => comment.id === Number(id))!.body = body;
        const page = Number(new URL(url, "http://x").searchParams.get("page") ?? 1);
        answer.end(JSON.stringify(method === "GET" ? comments.slice((page - 1) * 100, page * 100) : {}));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  });
  afterEach(() => {
    server.close();
    rmSync(at, { recursive: true });
  });

  const comment = async (report?: string, env: Record<string, string> = {}) => {
    const file = join(at, "review-report/review.md");
    if (report === undefined) rmSync(file, { force: true });
    else writeFileSync(file, report);
    return script("comment.mjs", at, {
      GITHUB_API_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      ...{ GITHUB_REPOSITORY: "course/labs", GITHUB_EVENT_PATH: join(at, "event.json"), GITHUB_TOKEN: "token" },
      ...{ GITHUB_SERVER_URL: "https://git.example", GITHUB_RUN_ID: "5", ...env },
    });
  };
  const marker = "<!-- course-labs-review -->";
  const run = "https://git.example/course/labs/actions/runs/5";
  const written = (report: string) => `${marker}\n\n${report}\n\n_검토한 커밋: 0123456. 전체 로그: ${run}_\n`;

  it("writes one comment, and then changes it in place", async () => {
    assert.equal((await comment(`${marker}\nfirst`)).code, 0);
    assert.equal((await comment(`${marker}\nsecond`)).code, 0);
    assert.deepEqual(
      comments.map(({ body }) => body),
      [written("second")],
    );
    assert.deepEqual(asked, [
      "GET /repos/course/labs/issues/7/comments?per_page=100&page=1",
      "POST /repos/course/labs/issues/7/comments",
      "GET /repos/course/labs/issues/7/comments?per_page=100&page=1",
      "PATCH /repos/course/labs/issues/comments/100",
    ]);
  });

  it("finds its comment behind many others, and leaves what a person quotes alone", async () => {
    const person = (id: number) => ({ id, body: `${marker}\nquoted`, user: { type: "User" } });
    comments = [
      ...Array.from({ length: 130 }, (_, i) => person(i)),
      { id: 500, body: `${marker}\nold`, user: { type: "Bot" } },
    ];
    assert.equal((await comment(`${marker}\nnew`)).code, 0);
    assert.equal(comments.length, 131);
    assert.equal(comments.find(({ id }) => id === 500)?.body, written("new"));
    assert.equal(comments.filter(({ body }) => body.endsWith("quoted")).length, 130);
  });

  it("where no report came, says so of this commit, in the place of the last one's", async () => {
    assert.equal((await comment(`${marker}\n✅ nothing changes`)).code, 0);
    assert.equal((await comment()).code, 0);
    assert.deepEqual(
      comments.map(({ body }) => body),
      [`${marker}\n\n## ❌ 0123456 커밋의 검토가 끝나지 않았습니다\n\n이유는 로그에 있습니다: ${run}\n`],
    );
  });

  it("speaks English where the repository wants that", async () => {
    const english = { REVIEW_LANG: "en" };
    await comment(`${marker}\nfirst`, english);
    assert.equal(comments[0]!.body, `${marker}\n\nfirst\n\n_Reviewed commit: 0123456. Full log: ${run}_\n`);
    await comment(undefined, english);
    assert.match(comments[0]!.body, /## ❌ The review of 0123456 did not finish\n\nIts log says why:/);
    await comment("x".repeat(100_000), english);
    assert.match(comments[0]!.body, /x\n\n_Cut here\._/);
    refuses = true;
    assert.match((await comment("first", english)).said, /::notice title=No comment::.*job's summary/);
  });

  it("goes by its own mark, whatever the report begins with", async () => {
    comments = [{ id: 1, body: "another bot's", user: { type: "Bot" } }];
    assert.equal((await comment("\n## Odd")).code, 0);
    assert.deepEqual(
      comments.map(({ body }) => body),
      ["another bot's", written("## Odd")],
    );
  });

  it("cuts what GitHub would not take, and says so", async () => {
    assert.equal((await comment("x".repeat(100_000))).code, 0);
    assert.ok(comments[0]!.body.length <= 65_536);
    assert.match(comments[0]!.body, /x\n\n_여기에서 잘렸습니다\._/);
  });

  it("from a fork, where it may not: says where the report is, and the job is green", async () => {
    refuses = true;
    const { code, said } = await comment(`${marker}\nfirst`);
    assert.equal(code, 0, said);
    assert.match(said, /::notice title=댓글 없음::.*summary/);
  });

  it("fails where something else is wrong", async () => {
    rmSync(join(at, "event.json"));
    const { code } = await comment(`${marker}\nfirst`);
    assert.equal(code, 1);
  });
});
