import { labNames } from "../../../config";
import { Text } from "../../../text";
import { Result } from "../check";
import { escaped } from "./markup";

/** The results as JUnit XML, a suite each lab. @see https://github.com/testmoapp/junitxml */
export function junit(results: readonly Result[], told: (text: Text) => string): string {
  const seconds = (list: readonly Result[]) => (list.reduce((sum, { ms }) => sum + ms, 0) / 1000).toFixed(3);
  const counts = (list: readonly Result[]) => {
    const failures = list.filter(({ status }) => status === "failed").length;
    const skipped = list.filter(({ status }) => status === "open" || status === "blocked").length;
    return `tests="${list.length}" failures="${failures}" errors="0" skipped="${skipped}" time="${seconds(list)}"`;
  };
  const testcase = (result: Result) => {
    const head = `    <testcase classname="${result.lab}" name="${escaped(`${result.id}: ${told(result.title)}`)}" time="${seconds([result])}"`;
    if (result.status === "passed") return `${head}/>`;
    const why = escaped(told(result.why));
    const inner =
      result.status === "failed"
        ? `<failure message="${why}">${escaped(told(result.next))}</failure>`
        : `<skipped message="${why}"/>`;
    return `${head}>\n      ${inner}\n    </testcase>`;
  };
  const suites = labNames.flatMap((lab) => {
    const own = results.filter((result) => result.lab === lab);
    if (own.length === 0) return [];
    return [`  <testsuite name="${lab}" ${counts(own)}>`, ...own.map(testcase), "  </testsuite>"];
  });
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="course-labs" ${counts(results)}>`,
    ...suites,
    "</testsuites>",
    "",
  ].join("\n");
}
