import { Text } from "../../../text";

/** What takes long in a first run: its name for messages, and its minutes on two cores. */
export interface Step {
  what: Text;
  minutes: number;
}

const inMinutes = (minutes: number): Text => ({
  en: minutes === 1 ? "1 minute" : `${minutes} minutes`,
  ko: `${minutes}분`,
});

/** Counts the steps of a first run. */
export class Steps {
  private toCome: (() => Promise<Step[]>) | undefined;
  private announced = 0;
  private begun = 0;

  /** Has the next step announced together with all that follow it. Where everything is made already, nothing is asked. */
  expect(toCome: () => Promise<Step[]>): void {
    this.toCome = toCome;
  }

  /** The lines that begin a step. It has a total only if it was expected. */
  async begin({ what, minutes }: Step): Promise<Text[]> {
    const toCome = await this.toCome?.();
    this.toCome = undefined;
    if (toCome) this.announced = this.begun + toCome.length;
    this.begun += 1;
    const { announced, begun } = this;
    const time = inMinutes(minutes);
    const counted = begun <= announced;
    return [
      ...(begun === 1 ? [why] : []),
      ...(toCome && toCome.length > 1 ? [announcement(toCome)] : []),
      {
        en: `${counted ? `step ${begun} of ${announced}: ` : ""}${what.en}, about ${time.en} on two cores`,
        ko: `${counted ? `${begun}/${announced}단계: ` : ""}${what.ko}, 코어 2개에서 약 ${time.ko}`,
      },
    ];
  }
}

/** The line before the first step. Where everything is made already, nobody needs it. */
const why: Text = {
  en: "The official Pulumi releases cannot be reached. The required tools are built from package registries instead.",
  ko: "Pulumi 공식 배포판에 접속할 수 없습니다. 필요한 도구를 패키지 저장소의 소스로 빌드합니다.",
};

/** The line that says how many steps are to come, and how long they take. */
function announcement(steps: readonly Step[]): Text {
  const time = inMinutes(steps.reduce((sum, { minutes }) => sum + minutes, 0));
  return {
    en: `This takes about ${time.en} on two cores, in ${steps.length} steps, but only the first time. Finished steps are kept if you interrupt it.`,
    ko: `모두 ${steps.length}단계이고 코어 2개에서 약 ${time.ko} 걸립니다. 처음 한 번만 실행하며, 중간에 중단해도 끝난 단계는 남습니다.`,
  };
}

/** The steps of this process. */
export const steps = new Steps();
