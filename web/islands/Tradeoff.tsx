import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { findSmallest } from "../../site/charts/find_smallest.ts";
import type { SitePoint } from "../../site/charts/site_point.ts";
import { followCharts } from "../components/tradeoff/follow_charts.ts";
import {
  followTargets,
  moveTargets,
} from "../components/tradeoff/follow_target.ts";
import { markPoints } from "../components/tradeoff/mark_points.ts";
import { PointPanel } from "../components/tradeoff/PointPanel.tsx";
import { TargetPanel } from "../components/tradeoff/TargetPanel.tsx";
import { roundTarget } from "../components/tradeoff/target_range.ts";

interface TradeoffProps {
  /** What the charts of the page show. */
  points: SitePoint[];
  /** The accuracy asked for, at first. */
  start: number;
}

/** Beside the charts: the accuracy asked for, and the trial that is pointed at. */
export default function Tradeoff({ points, start }: TradeoffProps) {
  const [target, setTarget] = useState(start);
  const [shown, setShown] = useState<string | null>(null);
  const latest = useRef(shown);
  latest.current = shown;
  const charts = useRef<HTMLElement[]>([]);
  const handles = useRef<SVGGElement[]>([]);
  const smallest = useMemo(() => findSmallest(points, target), [target]);
  const point = useMemo(
    () => points.find(({ key }) => key === shown) ?? null,
    [shown],
  );
  const ask = (accuracy: number) => setTarget(roundTarget(accuracy));

  useEffect(() => {
    charts.current = [
      ...document.querySelectorAll<HTMLElement>(".chart-frame"),
    ];
    handles.current = [...document.querySelectorAll<SVGGElement>(".target")];
    const ends = [
      followCharts(charts.current, {
        show: setShown,
        readShown: () => latest.current,
      }),
      followTargets(handles.current, ask),
    ];
    return () => ends.forEach((end) => end());
  }, []);
  useEffect(() => {
    const { file, group } = smallest;
    const keys = [file, group].flatMap((answer) => answer?.key ?? []);
    markPoints(charts.current, "answer", keys);
    moveTargets(handles.current, target);
  }, [smallest]);
  useEffect(() => {
    markPoints(charts.current, "pointed", shown ? [shown] : []);
  }, [shown]);

  return (
    <aside class="tradeoff-aside" aria-label="Explore the charts">
      <TargetPanel {...{ target, smallest, ask }} />
      <PointPanel point={point} close={() => setShown(null)} />
    </aside>
  );
}
