// Writes review-report/review.md into one comment of the pull request: the one of the last run, if there is one.
// In the language of the report: Korean, or English where REVIEW_LANG is en.
// https://docs.github.com/en/rest/issues/comments
import { existsSync, readFileSync } from "node:fs";

const {
  GITHUB_API_URL: api,
  GITHUB_REPOSITORY: repository,
  GITHUB_EVENT_PATH: event,
  GITHUB_TOKEN: token,
  GITHUB_SERVER_URL: server,
  GITHUB_RUN_ID: id,
  REVIEW_LANG: language,
} = process.env;
const say = (en, ko) => (language === "en" ? en : ko);
const {
  number,
  head: { sha },
} = JSON.parse(readFileSync(event, "utf8")).pull_request;
const commit = sha.slice(0, 7);

// By this first line the comment of an earlier run is found. What the report says does not matter: the code of the pull
// request has written it.
const marker = "<!-- course-labs-review -->";

/** GitHub takes 65,536 characters. */
const limit = 65_000;

/** The report as it came; where none came, a comment that is not taken for one of this commit. */
function bodyOf(file) {
  const run = `${server}/${repository}/actions/runs/${id}`;
  if (!existsSync(file)) {
    return say(
      `## ❌ The review of ${commit} did not finish\n\nIts log says why: ${run}`,
      `## ❌ ${commit} 커밋의 검토가 끝나지 않았습니다\n\n이유는 로그에 있습니다: ${run}`,
    );
  }
  const report = readFileSync(file, "utf8").replace(marker, "").trim();
  const cut =
    report.length > limit ? `${report.slice(0, limit)}\n\n_${say("Cut here.", "여기에서 잘렸습니다.")}_` : report;
  return `${cut}\n\n_${say(`Reviewed commit: ${commit}. Full log: ${run}`, `검토한 커밋: ${commit}. 전체 로그: ${run}`)}_`;
}

const body = `${marker}\n\n${bodyOf("review-report/review.md")}\n`;

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
    say(
      "::notice title=No comment::This pull request may not comment (it is from a fork): see the job's summary.",
      "::notice title=댓글 없음::포크에서 온 풀 리퀘스트라 댓글을 쓸 수 없습니다. 작업 요약(summary)을 보세요.",
    ),
  );
}
