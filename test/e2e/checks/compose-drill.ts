import assert from "node:assert/strict";
import { checksOf } from "../../../tools/checks/labs";
import { Result, runChecks } from "../../../tools/checks/check";
import { survives } from "../../../tools/checks/labs/compose-drill";
import { containerNamed, dockerFacts } from "../../../tools/checks/facts/docker";
import { live } from "../../../tools/checks/facts/live";
import { docker } from "../harness";
import { fails, like, Mutant } from "../mutants";
import { DockerLabs, mysql, ofThisTest, wordpress } from "./docker";

/** The drill of the compose lab, for its suite to declare: what is posted survives its containers. */
export function survivesChecks(on: DockerLabs): void {
  it("drill: a post survives down and up on a copy, and down --volumes is shown to delete it", async () => {
    const before = ofThisTest();
    const at = on.target({ labs: ["compose"] });
    const results = await runChecks(checksOf(at, { docker: await dockerFacts() }, live), { drill: true });
    on.note(results);
    const { evidence } = results.at(-1)!;
    assert.deepEqual(evidence.before, evidence.afterDownAndUp);
    assert.equal(evidence.afterDownVolumes, "not installed");
    assert.deepEqual(ofThisTest(), before, "the copy is gone");
  });

  it("compose.survives: MySQL with its volume in place, and its data elsewhere", async () => {
    const elsewhere: [wrong: string, change: Parameters<typeof like>[1]][] = [
      ["MySQL stores beside its volume", { command: ["--datadir=/tmp/database"] }],
      [
        "MySQL's folder is emptied at every start",
        { entrypoint: ["sh", "-c", "rm -rf /var/lib/mysql/*; exec docker-entrypoint.sh mysqld"], command: [] },
      ],
      [
        "MySQL stores in memory",
        {
          mounts: ["--volume=ck-course-labs-mysql:/var/lib/mysql", "--tmpfs=/database:mode=1777"],
          command: ["--datadir=/database/data"],
        },
      ],
    ];
    await Promise.all(
      elsewhere.map(([wrong, change], i) => {
        const name = `ck-elsewhere-${i}`;
        const look = async (): Promise<Result[]> => {
          const facts = await dockerFacts();
          const [check] = checksOf(on.target({ labs: ["compose"] }), { docker: facts }, live).slice(-1);
          const [db, site] = [containerNamed(facts, name)!, containerNamed(facts, wordpress)!];
          return runChecks([{ ...check!, needs: [], probe: () => survives(db, site, live, "npm run up") }], {
            drill: true,
          });
        };
        const mutant: Mutant = {
          owner: "compose.survives",
          wrong,
          why: /the post is gone, although the volumes still exist/,
          next: /^npm run up$/,
          make: () => docker("create", "--name", name, ...like(mysql, change)),
          undo: () => docker("rm", "--force", "--volumes", name),
        };
        return fails(mutant, look);
      }),
    );
  });
}
