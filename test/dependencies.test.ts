import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const read = <T>(file: string) => JSON.parse(readFileSync(join(__dirname, "..", file), "utf8")) as T;

interface Package {
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
}
interface Renovate {
  packageRules: { matchPackageNames?: string[]; allowedVersions?: string; description: string }[];
}

const { dependencies, devDependencies } = read<Package>("package.json");
const versions = { ...dependencies, ...devDependencies };
const numbers = (version: string) => version.split(".").map(Number);

/** Whether a version is older than another. */
function older(version: string, than: string): boolean {
  const [a, b] = [numbers(version), numbers(than)];
  for (let i = 0; i < 3; i++) if ((a[i] ?? 0) !== (b[i] ?? 0)) return (a[i] ?? 0) < (b[i] ?? 0);
  return false;
}

describe("the packages", () => {
  it("are pinned", () => {
    for (const [name, version] of Object.entries(versions)) assert.match(version, /^\d+\.\d+\.\d+$/, name);
  });

  const ceilings = read<Renovate>(".github/renovate.json").packageRules.filter(
    ({ allowedVersions }) => allowedVersions,
  );
  const known = ["typescript", "@kubernetes/client-node", "@types/node"];

  it("have the documented ceilings", () => {
    assert.deepEqual(ceilings.flatMap(({ matchPackageNames }) => matchPackageNames).sort(), [...known].sort());
  });

  for (const { matchPackageNames = [], allowedVersions = "" } of ceilings) {
    for (const name of matchPackageNames) {
      it(`${name} stays below its ceiling, ${allowedVersions}`, () => {
        const [, ceiling] = /^<(\d+(?:\.\d+)*)$/.exec(allowedVersions) ?? [];
        assert.ok(ceiling, "a ceiling is one version");
        assert.ok(older(versions[name] ?? "", ceiling), versions[name]);
      });
    }
  }
});
