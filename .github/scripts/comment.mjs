// Writes report/review.md into one comment of the pull request: the one of the last run, if there is one.
// https://docs.github.com/en/rest/issues/comments
import { readFileSync } from "node:fs";

const {
  GITHUB_API_URL: api,
  GITHUB_REPOSITORY: repository,
  GITHUB_EVENT_PATH: event,
  GITHUB_TOKEN: token,
} = process.env;
const { number } = JSON.parse(readFileSync(event, "utf8")).pull_request;
const body = readFileSync("report/review.md", "utf8").slice(0, 65_536);
const [marker] = body.split("\n");

async function ask(method, path, content) {
  const answer = await fetch(`${api}/repos/${repository}/${path}`, {
    method,
    headers: { accept: "application/vnd.github+json", authorization: `Bearer ${token}` },
    ...(content ? { body: JSON.stringify(content) } : {}),
  });
  if (answer.ok) return answer.json();
  throw Object.assign(new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`), {
    status: answer.status,
  });
}

/** The comment of an earlier run; another bot's, or a person's, is left alone. */
async function earlier() {
  for (let page = 1; ; page++) {
    const comments = await ask("GET", `issues/${number}/comments?per_page=100&page=${page}`);
    const found = comments.find((comment) => comment.user?.type === "Bot" && comment.body?.startsWith(marker));
    if (found || comments.length < 100) return found;
  }
}

try {
  const found = await earlier();
  if (found) await ask("PATCH", `issues/comments/${found.id}`, { body });
  else await ask("POST", `issues/${number}/comments`, { body });
} catch (error) {
  if (error.status !== 403) throw error;
  console.log(
    "::notice title=No comment::This pull request may not comment (it is from a fork): see the job's summary.",
  );
}
