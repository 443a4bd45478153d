import { Report } from "../../tools/checks/report/model";
import { template } from "../../tools/checks/report/page";
import { result } from "./fakes";

/** A report as a student would hand it in, with markup where somebody might try it. */
export const report = (more: Partial<Report> = {}): Report => ({
  format: 1,
  version: "0.1.0",
  template: template(),
  made: "2026-11-22T00:00:00.000Z",
  student: "Kim",
  byHand: false,
  drill: false,
  results: [
    result("redis.image"),
    result("compose.page", { status: "failed", why: { en: "</script><b>x", ko: "왜" }, next: { en: "n", ko: "n" } }),
  ],
  comparison: [],
  scene: {
    containers: [
      {
        name: "redis<x>",
        image: "redis:v1.0",
        status: "running",
        running: true,
        ports: ["127.0.0.1:6379 → 6379/tcp"],
        network: "bridge",
        addresses: ["172.17.0.2"],
        stores: [],
      },
    ],
  },
  marks: ["m1"],
  ...more,
});
