import type { SiteModel } from "../../../site/site_data.ts";
import site from "../../static/data/models.json" with { type: "json" };
import { BackendMenu } from "./BackendMenu.tsx";
import type { DrawState } from "./draw_state.ts";
import { modelFacts } from "./model_facts.ts";
import { ModelMenu } from "./ModelMenu.tsx";
import { DropHint, OpenPicture, PictureNote } from "./OpenPicture.tsx";
import { TeacherPanel } from "./TeacherPanel.tsx";

export { DropHint, OpenPicture, PictureNote };

const models = site.models as SiteModel[];
const teacher = models.find(({ family }) => family === "teacher");

/**
 * What the first answer can do without, and is therefore loaded after it: every
 * other model, backends and the teacher.
 */
export function More({ state }: { state: DrawState }) {
  return (
    <>
      <ModelMenu state={state} models={models} />
      <BackendMenu recogniser={state.recogniser} />
      {teacher && <TeacherPanel state={state} facts={modelFacts(teacher)} />}
    </>
  );
}
