/**
 * Retort distils a trained network into one small enough for a web page, and
 * shows what every byte saved costs in accuracy.
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
 * Whatever computes needs a backend, which {@linkcode selectBackend} makes the
 * current one; call it before anything of tfjs.
 *
 * @module
 */
export type { LayersModel, Tensor, Tensor1D, Tensor2D } from "./core/tf.ts";

export * from "./core/random/shuffle.ts";
export * from "./core/random/stream.ts";
export * from "./core/random/xoshiro128.ts";

export * from "./core/files/safetensors.ts";

export * from "./core/data/augment_images.ts";
export * from "./core/data/augmentation.ts";
export {
  consecutiveBatches,
  epochBatches,
  normalisePixels,
  oneHotLabels,
} from "./core/data/batches.ts";
export {
  type Dataset,
  type Examples,
  type ImageShape,
  pixelCount,
  selectExamples,
} from "./core/data/dataset.ts";
export * from "./core/data/idx.ts";
export { type IdxFile, readIdxFile } from "./core/data/idx_file.ts";
export * from "./core/data/idx_folder.ts";
export * from "./core/data/mnist.ts";
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
export * from "./core/models/lenet.ts";
export * from "./core/models/load_model.ts";
export * from "./core/models/manifest.ts";
export * from "./core/models/parse_layers.ts";
export * from "./core/models/save_model.ts";
export * from "./core/models/shipped_teacher.ts";
export * from "./core/models/spec.ts";
export * from "./core/models/student.ts";
export * from "./core/models/teacher.ts";
export * from "./core/models/trunk.ts";

export * from "./core/infer/classification.ts";
export type { Images } from "./core/infer/count_images.ts";
export * from "./core/infer/decode_dram.ts";
export * from "./core/infer/decode_tensor.ts";
export * from "./core/infer/encoded_tensor.ts";
export { MAX_HALF, roundToHalf } from "./core/infer/half.ts";
export * from "./core/infer/inspect_dram.ts";
export * from "./core/infer/link_text.ts";
export * from "./core/infer/load.ts";
export * from "./core/infer/score_answers.ts";
export * from "./core/infer/tfjs/load_on_tfjs.ts";

export * from "./core/train/constraints/apply_constraints.ts";
export * from "./core/train/constraints/constraint.ts";
export * from "./core/train/constraints/encode_weights.ts";
export * from "./core/train/constraints/measure_rate.ts";
export * from "./core/train/constraints/start_variables.ts";
export * from "./core/train/diagnose.ts";
export { DivergenceError } from "./core/train/divergence.ts";
export type {
  BatchPart,
  Differentiate,
  Gradients,
} from "./core/train/differentiate.ts";
export {
  type Assessment,
  evaluateModel,
  type LabelledImages,
} from "./core/train/evaluate_model.ts";
export * from "./core/train/image_learner.ts";
export * from "./core/train/learner.ts";
export * from "./core/train/losses.ts";
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
export * from "./core/train/self_test.ts";
export * from "./core/train/teacher_recipes.ts";
export * from "./core/train/train.ts";
export type { ImageTrainingOptions } from "./core/train/train_images.ts";
export * from "./core/train/train_teacher.ts";
export type { EpochRecord, MemberRecord } from "./core/train/training_state.ts";

export * from "./core/distill/augmented_pool.ts";
export * from "./core/distill/cohort.ts";
export type {
  CohortGroup,
  CohortLayout,
} from "./core/distill/cohort_layout.ts";
export { cutMember } from "./core/distill/cohort_weights.ts";
export * from "./core/distill/distil_student.ts";
export * from "./core/distill/extract_features.ts";
export type { Precision } from "./core/distill/feature_file.ts";
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

export type { TrainedStudent } from "./core/sweep/cohort_worker.ts";
export * from "./core/sweep/export_student.ts";
export { DEFAULT_ACCURACIES, findFrontier } from "./core/sweep/frontier.ts";
export * from "./core/sweep/group_students.ts";
export * from "./core/sweep/result.ts";
export type { OnSweepProgress, OnTrial } from "./core/sweep/run_study.ts";
export * from "./core/sweep/search_space.ts";
export {
  openStudy,
  readStudySetting,
  type Study,
  type StudySetting,
} from "./core/sweep/study.ts";
export { summariseStudy } from "./core/sweep/summarise_study.ts";
export * from "./core/sweep/sweep.ts";
export {
  type FinishedTrial,
  listFinishedTrials,
  listTrials,
  readTrialWeights,
  type Trial,
} from "./core/sweep/trials.ts";

export {
  type Certificate,
  type CertifiedAgreement,
  certify,
  type CertifyOptions,
} from "./core/compress/certificate.ts";
export type { CertifiedBackend } from "./core/compress/certificate_task.ts";
export type { Agreement, CloseImage } from "./core/compress/compare_answers.ts";
export * from "./core/compress/rounding_bounds.ts";
export * from "./core/compress/write_certificate.ts";

export * from "./core/compress/code/arrange_channels.ts";
export * from "./core/compress/code/encode_dram.ts";
export { sortChannels } from "./core/compress/code/sort_channels.ts";

export * from "./core/compress/prune/apply_masks.ts";
export * from "./core/compress/prune/channel_importance.ts";
export * from "./core/compress/prune/choose_channels.ts";
export {
  type MagnitudeOptions,
  magnitudeMasks,
  type PruningScope,
} from "./core/compress/prune/magnitude_masks.ts";
export * from "./core/compress/prune/masked_model.ts";
export * from "./core/compress/prune/observe_inputs.ts";
export * from "./core/compress/prune/prune_exactly.ts";
export {
  sparsityAt,
  type SparsitySchedule,
} from "./core/compress/prune/sparsity_schedule.ts";
export * from "./core/compress/prune/thin_masked.ts";
export * from "./core/compress/prune/thin_model.ts";
export type { Keep } from "./core/compress/prune/trace_channels.ts";

export * from "./core/compress/share/cluster_values.ts";
export * from "./core/compress/share/share_weights.ts";
export * from "./core/compress/share/start_centroids.ts";

export * from "./core/compress/quantise/allocate_bits.ts";
export * from "./core/compress/quantise/measure_error.ts";
export * from "./core/compress/quantise/quantise_weights.ts";

export * from "./core/compress/sensitivity/layer_sensitivity.ts";
export {
  measureSensitivity,
  type SensitivityOptions,
} from "./core/compress/sensitivity/measure_sensitivity.ts";

export * from "./core/compress/pipeline/code_result.ts";
export type { CompressionTask } from "./core/compress/pipeline/compression_task.ts";
export {
  COMPRESSION_SETTING,
  type CompressionSetting,
  planStages,
  type WeightForm,
} from "./core/compress/pipeline/plan_stages.ts";
export * from "./core/compress/pipeline/run_pipeline.ts";
export {
  type CompressionGoals,
  type CompressionSearch,
  type CompressionTrial,
  searchSetting,
} from "./core/compress/pipeline/search_setting.ts";
export type {
  ExactStage,
  KernelBits,
  PruneStage,
  QuantiseStage,
  Retraining,
  ShareStage,
  Stage,
  ThinStage,
  TuneStage,
} from "./core/compress/pipeline/stage.ts";
export * from "./core/compress/pipeline/stage_report.ts";
export type { StageResult } from "./core/compress/pipeline/stage_result.ts";

export * from "./core/compress/compact/compact_configuration.ts";
export * from "./core/compress/compact/open_pools.ts";
export * from "./core/compress/compact/score_encoded.ts";
export {
  type CompactPhase,
  type CompactProgress,
  type CompactTask,
  type TrainedCompact,
  trainCompact,
} from "./core/compress/compact/train_compact.ts";
export * from "./core/compress/compact/weight_constraints.ts";

export * from "./core/compress/search/byte_frontier.ts";
export type { Candidate, Recipe } from "./core/compress/search/candidate.ts";
export * from "./core/compress/search/compact_trainer.ts";
export type { StoppingRule } from "./core/compress/search/find_dominating.ts";
export type {
  OnSearchProgress,
  OnSearchTrial,
  RunSearchOptions,
} from "./core/compress/search/run_search.ts";
export * from "./core/compress/search/search.ts";
export * from "./core/compress/search/search_presets.ts";
export * from "./core/compress/search/search_result.ts";
export {
  type CandidateSpace,
  listCandidates,
} from "./core/compress/search/search_space.ts";
export {
  SEARCH_TRAINING,
  type SearchTraining,
} from "./core/compress/search/search_training.ts";
export * from "./core/compress/search/search_trials.ts";
export { summariseSearch } from "./core/compress/search/summarise_search.ts";
export type {
  CandidateContext,
  TrainCandidate,
  TrainedCandidate,
} from "./core/compress/search/train_candidate.ts";

export * from "./core/compress/baselines/measure_baselines.ts";
export * from "./core/compress/baselines/tfjs_files.ts";

export * from "./core/report/charts.ts";
export * from "./core/report/format_inspection.ts";
export { renderReport } from "./core/report/html.ts";
export * from "./core/report/published_points.ts";
export {
  formatAnswer,
  formatFrontierTable,
  formatResultsTable,
  type TableOptions,
} from "./core/report/results_table.ts";
export {
  formatByteFrontier,
  formatRecipeFrontier,
  formatRecipes,
} from "./core/report/search_tables.ts";
export * from "./core/report/sensitivity_chart.ts";
export * from "./core/report/stage_table.ts";
export * from "./core/report/terminal_chart.ts";
export * from "./core/report/write_report.ts";
export * from "./core/report/write_search_report.ts";

export * from "./core/version.ts";
