/**
 * Retort distils a trained network into one small enough for a link, and shows
 * what every byte saved costs in accuracy.
 *
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { countParameters, studentSpec, teacherSpec } from "./mod.ts";
 *
 * assertEquals(countParameters(teacherSpec()), 1_199_882);
 * assertEquals(countParameters(studentSpec({ hidden: 6 })), 74_188);
 * ```
 *
 * The experiment runs from left to right: a dataset, a teacher, its features
 * and logits, students, a study of many, its frontier and its report. See
 * {@linkcode loadMnist}, {@linkcode loadShippedTeacher},
 * {@linkcode extractFeatures}, {@linkcode distilStudent}, {@linkcode sweep} and
 * {@linkcode writeReport}.
 *
 * From there it goes on to bytes. A compact student learns from augmented images
 * with the teacher's logits and is quantised as it learns ({@linkcode openPools},
 * {@linkcode trainCompact}); a trained model is pruned, and its weights shared or
 * quantised ({@linkcode runPipeline}). Either ends as one `.dram` file that holds
 * layers, labels and every weight ({@linkcode encodeDram}), proven to answer alike
 * everywhere ({@linkcode certify}), and needs no framework to be asked
 * ({@linkcode load}). {@linkcode search} tries many, and gives the smallest file
 * for each accuracy.
 *
 * ```ts
 * import { assert, assertEquals } from "@std/assert";
 * import { encodeDram, initialWeights, load, parseLayers, quantiseWeights } from "./mod.ts";
 *
 * const spec = parseLayers("pool2,conv3x4,max2,conv3x6,mean");
 * const weights = initialWeights(spec, 1); // untrained: 332 numbers
 * const form = { kind: "uniform", bits: 3, perChannel: false, powerOfTwo: true } as const;
 * const tensors = quantiseWeights(weights, weights.map(() => form)).map(({ tensor }) => tensor);
 * const file = encodeDram({ spec, labels: [..."0123456789"], tensors });
 * assert(file.length < 150); // bytes, everything included
 * const { classes } = load(file).classify(new Uint8Array(2 * 784)); // two images
 * assertEquals(classes.length, 2);
 * ```
 *
 * A drawing becomes the 28×28 that a model sees by {@linkcode readDrawing}; model
 * and drawing go into one link by {@linkcode encodeShareLink}, and that into a QR
 * code by {@linkcode drawQrCode}. `@retort/retort/infer` has all that a browser
 * needs of this, and no more.
 *
 * Whatever trains, or computes on a device, needs a backend, which
 * {@linkcode selectBackend} makes the current one; call it before anything of
 * tfjs. {@linkcode load} needs none.
 *
 * @module
 */
export type { LayersModel, Tensor, Tensor1D, Tensor2D } from "./core/tf.ts";

export * from "./core/random/shuffle.ts";
export * from "./core/random/stream.ts";
export * from "./core/random/xoshiro128.ts";

export * from "./core/files/safetensors.ts";

export { augmentImages } from "./core/data/augment_images.ts";
export * from "./core/data/augmentation.ts";
export {
  consecutiveBatches,
  epochBatches,
  normalisePixels,
  oneHotLabels,
} from "./core/data/batches.ts";
export {
  type AugmentationName,
  type Dataset,
  type Examples,
  type ImageShape,
  type Labels,
  pixelCount,
  type Pixels,
  readImages,
  selectExamples,
} from "./core/data/dataset.ts";
export {
  headerLength,
  type IdxArray,
  MAX_IDX_BYTES,
  readIdx,
} from "./core/data/formats/idx.ts";
export type { PixelRoom } from "./core/data/formats/pixel_sink.ts";
export type { StoredImages } from "./core/data/stored_images.ts";
export { type IdxFile, readIdxFile } from "./core/data/formats/idx_file.ts";
export type { ReadingOptions } from "./core/data/formats/format.ts";
export { loadIdxFolder } from "./core/data/formats/idx_folder.ts";
export {
  type LoadDataOptions,
  loadDataset,
} from "./core/data/formats/load_dataset.ts";
export * from "./core/data/fashion_mnist.ts";
export * from "./core/data/mnist.ts";
export * from "./core/data/mnist_hashes.ts";
export * from "./core/data/shift_images.ts";
export * from "./core/data/split.ts";

export type {
  AdapterDescription,
  ComputeLimit,
} from "./core/device/adapter.ts";
export { assertDeviceHealthy } from "./core/device/health.ts";
export * from "./core/device/measure_rates.ts";
export * from "./core/device/select_backend.ts";
export type { TuningOptions } from "./core/device/tuning.ts";

export * from "./core/models/build_model.ts";
export * from "./core/models/compact.ts";
export * from "./core/models/cost.ts";
export * from "./core/models/format_layers.ts";
export * from "./core/models/format_summary.ts";
export * from "./core/models/initialise.ts";
export {
  boundIntegers,
  type IntegerBound,
  isInteger,
} from "./core/models/integer.ts";
export * from "./core/models/lenet.ts";
export * from "./core/models/formats/load_model.ts";
export * from "./core/models/manifest.ts";
export * from "./core/models/parse_layers.ts";
export { saveModel } from "./core/models/save_model.ts";
export * from "./core/models/shipped_teacher.ts";
export * from "./core/models/spec.ts";
export * from "./core/models/student.ts";
export * from "./core/models/teacher.ts";
export * from "./core/models/trunk.ts";

export * from "./core/infer/mod.ts";
export * from "./core/infer/tfjs/load_on_tfjs.ts";

export * from "./core/train/constraints/apply_constraints.ts";
export * from "./core/train/constraints/constraint.ts";
export * from "./core/train/constraints/encode_weights.ts";
export * from "./core/train/constraints/start_variables.ts";
export * from "./core/train/diagnose.ts";
export { DivergenceError } from "./core/train/divergence.ts";
export type { Differentiate } from "./core/train/differentiate.ts";
export {
  type Assessment,
  evaluateModel,
  type LabelledImages,
} from "./core/train/evaluate_model.ts";
export { imageLearner, type ImageTask } from "./core/train/image_learner.ts";
export * from "./core/train/learner.ts";
export * from "./core/train/losses/example_losses.ts";
export type { MixedTerms } from "./core/kernels/mixed_loss/op.ts";
export {
  checkLoss,
  LOSSES,
  type LossKind,
  type LossParameters,
  type LossRule,
  type LossSpec,
  type LossTerms,
  makeLoss,
  nameLoss,
  type ParameterRule,
} from "./core/train/losses/losses.ts";
export type { AveragingSpec } from "./core/train/moving_average.ts";
export * from "./core/train/optimisers/adadelta.ts";
export * from "./core/train/optimisers/adam.ts";
export * from "./core/train/optimisers/make_optimiser.ts";
export type {
  Optimiser,
  OptimiserState,
  OptimiserStep,
} from "./core/train/optimisers/optimiser.ts";
export * from "./core/train/optimisers/sgd.ts";
export * from "./core/train/schedule.ts";
export {
  assertSelfTest,
  ensureSelfTest,
  selfTest,
  type SelfTestQuantity,
  type SelfTestResult,
} from "./core/train/self_test.ts";
export * from "./core/train/teacher_recipes.ts";
export * from "./core/train/train.ts";
export type { ImageTrainingOptions } from "./core/train/train_images.ts";
export * from "./core/train/train_teacher.ts";
export type { EpochRecord, MemberRecord } from "./core/train/training_state.ts";

export {
  openPool,
  type PoolOptions,
  type PoolSpec,
} from "./core/distill/augmented_pool.ts";
export * from "./core/distill/cohort.ts";
export type { CohortLayout } from "./core/distill/cohort_layout.ts";
export { cutMember } from "./core/distill/cohort_weights.ts";
export * from "./core/distill/distil_student.ts";
export * from "./core/distill/extract_features.ts";
export type { Precision, StoredRows } from "./core/distill/feature_file.ts";
export type {
  FeaturePart,
  FeatureStore,
  PartName,
} from "./core/distill/feature_store.ts";
export type {
  SparseFeatures,
  SparseRows,
} from "./core/distill/sparse_features.ts";
export * from "./core/distill/student_config.ts";

export type { ContextSource, StudyOrigin } from "./core/study/context.ts";
export type { Accuracy, Estimate } from "./core/study/estimate.ts";
export type { Runner, RunnerContext } from "./core/study/runner.ts";
export {
  readStudySetting,
  type StudySetting,
  studySetting,
} from "./core/study/run_study.ts";
export {
  type EpochRow,
  type FinishedRow,
  openStudy,
  type StateOf,
  type Study,
  type TrialRecord,
  type TrialRow,
  type WaitOptions,
} from "./core/study/study.ts";
export {
  type ColumnKind,
  type Columns,
  type ColumnValues,
  type RowOf,
  SEARCH_FORMAT,
  type SearchFormat,
  type StudyFormat,
  SWEEP_FORMAT,
  type SweepFormat,
  type TrialEnd,
} from "./core/study/study_format.ts";
export type { TrialState } from "./core/study/trial_state.ts";

export type { TrainedStudent } from "./core/sweep/cohort_worker.ts";
export * from "./core/sweep/export_student.ts";
export { DEFAULT_ACCURACIES, findFrontier } from "./core/sweep/frontier.ts";
export { groupStudents } from "./core/sweep/group_students.ts";
export * from "./core/sweep/result.ts";
export * from "./core/sweep/search_space.ts";
export { summariseStudy } from "./core/sweep/summarise_study.ts";
export {
  type OnSweepProgress,
  type OnTrial,
  sweep,
  type SweepOptions,
} from "./core/sweep/sweep.ts";
export {
  type FinishedTrial,
  listFinishedTrials,
  listTrials,
  readTrialWeights,
  type Trial,
} from "./core/sweep/trials.ts";

export * from "./core/compress/mod.ts";
export * from "./core/export/mod.ts";

export {
  BYTE_ACCURACIES,
  findByteFrontier,
} from "./core/search/byte_frontier.ts";
export {
  type Candidate,
  type CandidateSpace,
  listCandidates,
  type Recipe,
} from "./core/search/candidate.ts";
export {
  beginEvolution,
  type CandidateSetting,
  type EvolutionSpec,
} from "./core/search/evolution.ts";
export {
  compareHypervolumes,
  type HypervolumeComparison,
  type HypervolumeCurve,
  type HypervolumeStep,
  type SearchWay,
} from "./core/search/hypervolume.ts";
export * from "./core/search/pareto.ts";
export {
  type OnSearchProgress,
  type OnSearchTrial,
  type RunSearchOptions,
  search,
  type SearchOptions,
} from "./core/search/search.ts";
export * from "./core/search/search_result.ts";
export {
  DEFAULT_CANDIDATES,
  QUICK_CANDIDATES,
  QUICK_TRAINING,
  SEARCH_TRAINING,
  type SearchTraining,
} from "./core/search/search_training.ts";
export * from "./core/search/search_trials.ts";
export type { StoppingRule } from "./core/search/stopping.ts";
export { summariseSearch } from "./core/search/summarise_search.ts";
export {
  type CandidateContext,
  type CandidateEvent,
  type CandidateFiles,
  type CandidateSource,
  type CandidateTask,
  compactTrainer,
  type CompactTrainerOptions,
  type TrainCandidate,
  type TrainedCandidate,
} from "./core/search/train_candidate.ts";

export * from "./core/charts/charts.ts";
export * from "./core/charts/hypervolume_steps.ts";
export * from "./core/report/format_inspection.ts";
export { renderReport } from "./core/report/html.ts";
export * from "./core/charts/published_points.ts";
export * from "./core/charts/qr_code.ts";
export {
  formatAnswer,
  formatFrontierTable,
  formatResultsTable,
  type TableOptions,
} from "./core/report/results_table.ts";
export {
  formatByteFrontier,
  formatHypervolumes,
  formatRecipeFrontier,
  formatRecipes,
} from "./core/report/search_tables.ts";
export * from "./core/charts/sensitivity_chart.ts";
export * from "./core/report/stage_table.ts";
export * from "./core/charts/terminal_chart.ts";
export * from "./core/report/write_report.ts";
export * from "./core/report/write_search_report.ts";

export * from "./core/version.ts";
