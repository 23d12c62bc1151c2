/**
 * What makes models small in bytes, and proves it: pruning, shared and quantised
 * weights, the training of compact models, the `.dram` file and its certificate,
 * and the search for the smallest.
 *
 * @module
 */
export * from "./prune/apply_masks.ts";
export * from "./prune/channel_importance.ts";
export * from "./prune/choose_channels.ts";
export {
  magnitudeMasks,
  type MagnitudeOptions,
  type PruningScope,
} from "./prune/magnitude_masks.ts";
export * from "./prune/masked_model.ts";
export * from "./prune/observe_inputs.ts";
export * from "./prune/prune_exactly.ts";
export {
  sparsityAt,
  type SparsitySchedule,
} from "./prune/sparsity_schedule.ts";
export * from "./prune/thin_masked.ts";
export * from "./prune/thin_model.ts";
export type { Keep } from "./prune/trace_channels.ts";

export * from "./share/cluster_values.ts";
export * from "./share/share_weights.ts";
export type { CentroidStart } from "./share/start_centroids.ts";

export * from "./quantise/allocate_bits.ts";
export * from "./quantise/measure_error.ts";
export * from "./quantise/quantise_weights.ts";

export * from "./sensitivity/layer_sensitivity.ts";
export {
  measureSensitivity,
  type SensitivityOptions,
} from "./sensitivity/measure_sensitivity.ts";

export * from "./pipeline/code_result.ts";
export type { CompressionTask } from "./pipeline/compression_task.ts";
export {
  COMPRESSION_SETTING,
  type CompressionSetting,
  planStages,
  type WeightForm,
} from "./pipeline/plan_stages.ts";
export * from "./pipeline/run_pipeline.ts";
export {
  type CompressionGoals,
  type CompressionSearch,
  type CompressionTrial,
  searchSetting,
} from "./pipeline/search_setting.ts";
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
} from "./pipeline/stage.ts";
export * from "./pipeline/stage_report.ts";
export type { StageResult } from "./pipeline/stage_result.ts";

export * from "./compact/balance_weights.ts";
export * from "./compact/compact_configuration.ts";
export * from "./compact/open_pools.ts";
export * from "./compact/score_encoded.ts";
export {
  type CompactPhase,
  type CompactProgress,
  type CompactResumed,
  type CompactTask,
  type CompactTrainingOptions,
  trainCompact,
  type TrainedCompact,
} from "./compact/train_compact.ts";
export * from "./compact/weight_constraints.ts";

export * from "./code/arrange_channels.ts";
export * from "./code/encode_dram.ts";
export { sortChannels } from "./code/sort_channels.ts";

export {
  type Certificate,
  CERTIFIED_BACKENDS,
  type CertifiedAgreement,
  certify,
  type CertifyOptions,
} from "./certificate.ts";
export type { CertifiedBackend } from "./certificate_task.ts";
export type { Agreement, CloseImage } from "./compare_answers.ts";
export * from "./rounding_bounds.ts";
export { certificatePath, writeCertificate } from "./write_certificate.ts";

export * from "./baselines/measure_baselines.ts";
export * from "./baselines/tfjs_files.ts";
