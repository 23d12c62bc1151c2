import { useComputed, useSignal, useSignalEffect } from "@preact/signals";
import { useLayoutEffect, useState } from "preact/hooks";
import { AnswerFigure } from "../components/draw/AnswerFigure.tsx";
import { Canvas } from "../components/draw/Canvas.tsx";
import { explainError } from "../components/draw/explain_error.ts";
import { startDrawing } from "../components/draw/draw_state.ts";
import type { DataFacts } from "../components/data_facts.ts";
import { followPage } from "../components/draw/follow_page.ts";
import { Head } from "../components/draw/Head.tsx";
import { Message } from "../components/draw/Message.tsx";
import type { ModelFacts } from "../components/draw/model_facts.ts";
import { nameInAddress } from "../components/draw/name_in_address.ts";
import { openLink } from "../components/draw/open_link.ts";
import { Probabilities } from "../components/draw/Probabilities.tsx";
import { replaceAddress } from "../components/draw/replace_address.ts";
import { Samples } from "../components/draw/Samples.tsx";
import { savesData } from "../components/draw/saves_data.ts";
import { Seen } from "../components/draw/Seen.tsx";
import { SizeSlider } from "../components/draw/SizeSlider.tsx";
import { Tools } from "../components/draw/Tools.tsx";
import { whenIdle } from "../components/draw/when_idle.ts";

/** What the page begins with. */
export interface DrawProps {
  /** The model that its address names. */
  first: ModelFacts;
  /** Those that the slider stops at, from the smallest file. */
  stops: ModelFacts[];
  /** Name of the model that an address needn't name. */
  usual: string;
  /** What the models are for. */
  data: DataFacts;
}

/** A canvas, and a model that reads what is drawn on it. */
export default function Draw({ first, stops, usual, data }: DrawProps) {
  const [state] = useState(() => startDrawing({ first, data }));
  const { answer, choice, recogniser } = state;
  const dragging = useSignal(false);
  const more = useSignal<typeof import("../components/draw/More.tsx") | null>(
    null,
  );

  // Before the next paint, so that the model is asked for at once.
  useLayoutEffect(() => {
    const open = () => openLink(state, location.hash);
    open().then(() => {
      // Unless a link's model runs, or what was chosen while it was read.
      const { running, opening, chosen } = choice;
      if (running.peek() || opening.peek()) return;
      if (chosen.peek().name === first.name) choice.choose(first);
    });
    return followPage(state, {
      dragging: (isOver) => dragging.value = isOver,
      fragmentChanged: open,
    });
  }, []);
  useSignalEffect(() => {
    const running = choice.running.value;
    if (!running) return;
    document.querySelector("main")?.setAttribute("data-ready", "");
    replaceAddress(nameInAddress(location.href, running.chosen, usual));
    whenIdle(async () => {
      try {
        more.value = await import("../components/draw/More.tsx");
      } catch (error) {
        state.message.value = explainError(error);
      }
    });
  });
  const later = more.value;
  const answered = useComputed(() => answer.value !== null);
  useSignalEffect(() => {
    // An answer is there: what comes now delays nothing that is waited for.
    if (!answered.value) return;
    if (savesData()) {
      recogniser.declineTfjs(
        "Your browser saves data: choose another, and it is loaded",
      );
    } else whenIdle(recogniser.allowTfjs);
  });

  return (
    <div class="draw">
      <Head choice={choice} data={data} first={first} />
      <section class="draw-left" aria-label="Canvas">
        <Canvas state={state}>
          {later && <later.PictureNote state={state} />}
        </Canvas>
        <Tools state={state}>
          {later && <later.OpenPicture state={state} />}
        </Tools>
      </section>
      <section class="draw-right" aria-label="Prediction">
        <div class="draw-result">
          <AnswerFigure state={state} />
          <Seen seen={state.seen} />
        </div>
        <Probabilities answer={answer} data={data} />
        <p class="visually-hidden" role="status">
          <span key={state.spoken.value}>{state.spoken.value}</span>
        </p>
      </section>
      <Samples state={state} />
      <SizeSlider state={state} stops={stops} />
      <div class="draw-more">
        {later && <later.More state={state} />}
      </div>
      {dragging.value && later && <later.DropHint />}
      <Message state={state} />
    </div>
  );
}
