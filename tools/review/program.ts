import { ChildProcess, fork } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { Deployment } from "@pulumi/pulumi/automation";
import { LabError } from "../../text";
import { explain } from "../stack/explain";
import { Answer, Failure, PreviewAnswer, RegisterAnswer, Request } from "./worker";

/** The program of one revision, running in a process of its own. */
export class Program {
  private readonly child: ChildProcess;
  private readonly backend = mkdtempSync(join(tmpdir(), "course-labs-preview-"));

  constructor(
    private readonly folder: string,
    private readonly project: string,
    private readonly stack: string,
  ) {
    this.child = fork(join(__dirname, "worker.ts"), [], {
      cwd: folder,
      execArgv: ["--require", "ts-node/register/transpile-only"],
      // What a program prints is not a part of the review.
      stdio: ["ignore", 2, 2, "ipc"],
    });
    // What goes wrong is told to whoever asks.
    this.child.on("error", () => undefined);
  }

  end(): void {
    if (this.child.connected) this.child.disconnect();
    rmSync(this.backend, { recursive: true, force: true });
  }

  /**
   * What it registers when nothing is running.
   * @throws LabError with what it says
   */
  async register(): Promise<RegisterAnswer> {
    return this.ask<RegisterAnswer>({ ask: "register", project: this.project, stack: this.stack });
  }

  /**
   * What the engine would do to what is running, which is left alone: the engine sees a copy of the state.
   * @throws LabError with what Pulumi says
   */
  async preview(labs: string[], deployment: Deployment): Promise<PreviewAnswer> {
    const { PULUMI_CONFIG_PASSPHRASE_FILE: file } = process.env;
    // This folder's, wherever the program runs.
    const env = { ...process.env, ...(file ? { PULUMI_CONFIG_PASSPHRASE_FILE: resolve(file) } : {}) };
    const backend = pathToFileURL(this.backend).href;
    return this.ask<PreviewAnswer>({ ask: "preview", labs, deployment, backend, env });
  }

  private async ask<T extends Answer>(request: Request): Promise<T> {
    const answer = await new Promise<Answer>((done, fail) => {
      const ended = (reason: number | string | null) =>
        fail(
          new LabError({
            en: `The program ended by itself (${reason}) instead of telling what it makes. Look for process.exit in it, or for a promise that never settles, and at its messages above.`,
            ko: `프로그램이 무엇을 만드는지 알려 주지 않고 스스로 끝났습니다 (${reason}). process.exit 호출이나 끝나지 않는 promise가 있는지, 위에 어떤 메시지가 있는지 확인하세요.`,
          }),
        );
      this.child.once("exit", ended);
      this.child.once("message", (message: Answer) => {
        this.child.off("exit", ended);
        done(message);
      });
      // One that has ended cannot be asked.
      this.child.send(request, (error) => error && ended(error.message));
    });
    if (!("failure" in answer)) return answer as T;
    throw whyNot(answer);
  }
}

function whyNot({ failure: { text, message, reported } }: Failure): LabError {
  return text ? new LabError(text) : explain(reported, new Error(message));
}
