/*
 * A second decoder of .dram files, written from core/infer/DRAM.md alone, by someone
 * who had not read the first: that both agree shows that the text is enough.
 * C99 and its library.
 *
 *   dram FILE [PIXELS]   what FILE holds, and logits of the images of bytes in PIXELS
 *   dram --trace FILE    its stream's bits, each after its probability of a 1
 *   dram --serve         many: on stdin a length in 32 bits, lowest byte first, and so
 *                        many bytes of a file, then the same of pixels; on stdout a
 *                        length and what is to be said of each
 *
 * What is said of a file is text, one thing a line; numbers that must be equal to the
 * bit stand as the hexadecimal of their float32. A logit is followed by how far the
 * same sums, rounded elsewhere, may lie from it; those of a model of integers are exact,
 * and stand as hexadecimals.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- Refusals, and memory that is given back after each file ---- */

static jmp_buf refused;
static char reason[200];

static _Noreturn void refuse(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(reason, sizeof reason, format, arguments);
  va_end(arguments);
  longjmp(refused, 1);
}

static void **held;
static size_t held_count, held_room;

/* `count` zeros of `size` bytes each. Only sizes that the limits allow are asked for. */
static void *allocate(size_t count, size_t size) {
  if (held_count == held_room) {
    held_room = 2 * held_room + 16;
    held = realloc(held, held_room * sizeof *held);
    if (!held) abort();
  }
  void *memory = calloc(count ? count : 1, size);
  if (!memory) abort();
  return held[held_count++] = memory;
}

static void give_back(void) {
  while (held_count > 0) free(held[--held_count]);
}

/* ---- What is said of a file ---- */

static char *said;
static size_t said_length, said_room;

static void say(const char *format, ...) {
  for (;;) {
    va_list arguments;
    va_start(arguments, format);
    size_t room = said_room - said_length;
    int length = vsnprintf(said ? said + said_length : NULL, room, format, arguments);
    va_end(arguments);
    if (length < 0) abort();
    if ((size_t)length < room) {
      said_length += (size_t)length;
      return;
    }
    said_room = 2 * said_room + (size_t)length + 4096;
    said = realloc(said, said_room);
    if (!said) abort();
  }
}

/* `name`, and the patterns of `count` float32s in hexadecimal, one after another. */
static void say_floats(const char *name, const float *values, int64_t count) {
  say("%s ", name);
  size_t more = 8 * (size_t)count + 1;
  if (said_room - said_length < more) {
    said_room = said_length + more;
    said = realloc(said, said_room);
    if (!said) abort();
  }
  for (int64_t i = 0; i < count; i++) {
    uint32_t pattern;
    memcpy(&pattern, &values[i], 4);
    for (int shift = 28; shift >= 0; shift -= 4) said[said_length++] = "0123456789abcdef"[pattern >> shift & 15];
  }
  said[said_length++] = '\n';
}

/* ⌊a / b⌋, b > 0: C rounds towards 0. */
static int64_t floor_divide(int64_t a, int64_t b) {
  return a / b - (a % b < 0);
}

static int64_t clamp(int64_t value, int64_t low, int64_t high) {
  return value < low ? low : value > high ? high : value;
}

/* ---- The stream: binary range coding ---- */

static const uint8_t *stream;
static size_t stream_length, stream_place;
static uint64_t range, value;
static int tracing;
static const char *trace_part; /* what the next bits belong to; NULL where that was said */
static int trace_index;

static uint32_t next_byte(void) {
  if (stream_place >= stream_length + 4) refuse("the stream ends too early");
  size_t place = stream_place++;
  return place < stream_length ? stream[place] : 0;
}

static void begin_stream(const uint8_t *bytes, size_t length) {
  stream = bytes;
  stream_length = length;
  stream_place = 0;
  range = (uint64_t)1 << 32;
  value = 0;
  for (int i = 0; i < 4; i++) value = value << 8 | next_byte();
}

static void say_part(void) {
  if (!tracing || !trace_part) return;
  if (said_length > 0) say("\n");
  if (trace_index < 0) say("%s:", trace_part);
  else say("%s %d:", trace_part, trace_index);
  trace_part = NULL;
}

static void part(const char *name, int index) {
  say_part();
  trace_part = name;
  trace_index = index;
}

static int bit(uint32_t probability) {
  uint64_t cut = range * probability >> 16;
  int one = value < cut;
  if (one) {
    range = cut;
  } else {
    value -= cut;
    range -= cut;
  }
  while (range < (uint64_t)1 << 24) {
    range <<= 8;
    value = value << 8 | next_byte();
  }
  if (tracing) {
    say_part();
    say(" %u:%d", (unsigned)probability, one);
  }
  return one;
}

/* ---- Numbers ---- */

static uint32_t bits(int count) {
  uint32_t number = 0;
  while (count-- > 0) number = number << 1 | (uint32_t)bit(32768);
  return number;
}

static int64_t number(int k) {
  int j = 0;
  while (bit(32768)) {
    if (k + ++j >= 24) refuse("a number is too large");
  }
  return ((int64_t)1 << (k + j)) + bits(k + j) - ((int64_t)1 << k);
}

static int64_t signed_number(int k) {
  int64_t n = number(k);
  return n & 1 ? -(n + 1) / 2 : n / 2;
}

static int flag(int weight) { return bit(4096u * (uint32_t)weight); }

typedef struct {
  int what, weight;
} Option;

static int choose(const Option *options, int count) {
  int rest = 0;
  for (int i = 0; i < count; i++) rest += options[i].weight;
  for (int i = 0; i < count - 1; i++) {
    if (bit(65536u * (uint32_t)options[i].weight / (uint32_t)rest)) return options[i].what;
    rest -= options[i].weight;
  }
  return options[count - 1].what;
}

#define COUNT(array) ((int)(sizeof(array) / sizeof *(array)))
#define CHOOSE(...) \
  choose((const Option[]){__VA_ARGS__}, COUNT(((const Option[]){__VA_ARGS__})))

enum { OTHER = -1, MOST_COUNT = 65536 };

/* What is counted: filters, units, classes, extents of the input and of windows, rows of zeros. */
static int64_t count_up(int64_t count) {
  if (count > MOST_COUNT) refuse("a count of %lld", (long long)count);
  return count;
}

static int64_t usual_of(int chosen) { return chosen == OTHER ? count_up(number(2) + 1) : chosen; }

#define USUAL(...) usual_of(CHOOSE(__VA_ARGS__, {OTHER, 1}))

/* ---- The architecture ---- */

typedef enum {
  CONV2D,
  DEPTHWISE_CONV2D,
  MAX_POOL2D,
  AVERAGE_POOL2D,
  GLOBAL_AVERAGE_POOL2D,
  GLOBAL_MAX_POOL2D,
  FLATTEN,
  DENSE,
  RESIDUAL,
  SOFTMAX,
  END
} Kind;

static const char *const KINDS[] = {
  "conv2d", "depthwiseConv2d", "maxPool2d", "averagePool2d", "globalAveragePool2d",
  "globalMaxPool2d", "flatten", "dense", "residual", "softmax", "end",
};

typedef enum { LINEAR, RELU, LEAKY_RELU, RELU6, ELU, SIGMOID, TANH, SWISH, ROUND } Activation;

static const char *const ACTIVATIONS[] = {
  "linear", "relu", "leakyRelu", "relu6", "elu", "sigmoid", "tanh", "swish", "round",
};

typedef enum { VALID, SAME, FRAME } Padding;

/* An image of height × width × channels; a row is one of 1 × 1 × channels. */
typedef struct {
  int64_t height, width, channels;
  int is_row;
} Shape;

enum { MOST_SHIFT = 23 };

/* What a model of integers makes of sums. */
typedef struct {
  int64_t count; /* of its shifts: 1, or one a channel */
  int8_t *shifts;
  int is_each; /* whether it has a shift a channel */
  int bits;
  int has_slope, slope; /* 2^-slope */
} Rounding;

typedef struct {
  Kind kind;
  int depth; /* how many residual layers hold it */
  int64_t outputs; /* filters or units */
  int64_t size[2], stride[2], dilation[2];
  Padding padding;
  int64_t frame[4]; /* rows above and below, columns left and right */
  int64_t multiplier; /* filters a channel */
  Activation activation;
  double slope;
  Rounding rounding;
  int64_t lift; /* of a residual layer of integers */
  int shift; /* of the logits that it gives; else -1 */
  Shape from, to;
  int64_t extent[2]; /* of a window on the image: (size - 1) * dilation + 1 */
  int end; /* of a residual layer: the place behind the last layer that it holds */
  int kernel; /* place of its kernel among the tensors, its bias behind it; or -1 */
  Shape flattened; /* of a dense layer that reads a flatten of an image: that; else of 0 channels */
} Layer;

enum { MOST_LAYERS = 64 };
static const double MOST_ACTIVATIONS = 4194304.0; /* 2^22 */
static const double MOST_WEIGHTS = 16777216.0; /* 2^24 */

static int version;
static Shape input;
static Layer layers[MOST_LAYERS];
static int layer_count;

typedef struct {
  double bytes, weights, activations, decoding, memory, operations;
} Cost;

static Cost cost;
static double padded, listed; /* of memory: weights as they are used, what is listed of one layer */
static int residual_count;

static double numbers_in(Shape shape) {
  return (double)shape.height * (double)shape.width * (double)shape.channels;
}

static int is_mean(const Layer *layer) {
  return layer->kind == AVERAGE_POOL2D || layer->kind == GLOBAL_AVERAGE_POOL2D;
}

static void limit(double amount, double most, const char *what) {
  if (amount > most) refuse("%s: %.0f, at most %.0f", what, amount, most);
}

static int read_shift(int64_t before, int k) {
  int64_t shift = before + signed_number(k);
  if (shift < 0 || shift > MOST_SHIFT) refuse("a shift of %lld", (long long)shift);
  return (int)shift;
}

static void read_rounding(Rounding *rounding) {
  rounding->is_each = flag(1);
  rounding->count = rounding->is_each ? number(3) + 1 : 1;
  rounding->shifts = allocate((size_t)rounding->count, 1);
  for (int64_t i = 0; i < rounding->count; i++) {
    rounding->shifts[i] = (int8_t)(i > 0 ? read_shift(rounding->shifts[i - 1], 0) : read_shift(5, 1));
  }
  rounding->bits = flag(2) ? (int)bits(3) + 1 : 8;
  rounding->has_slope = flag(3);
  if (rounding->has_slope) rounding->slope = (int)bits(3);
}

/* Reads what follows sums that aren't linear. */
static void read_relu(Layer *layer) {
  if (version >= 4) {
    layer->activation = ROUND;
    read_rounding(&layer->rounding);
    return;
  }
  if (version < 3) {
    layer->activation = RELU;
    return;
  }
  layer->activation = (Activation)CHOOSE({LEAKY_RELU, 6}, {RELU, 6}, {RELU6, 2}, {SWISH, 2},
                                         {ELU, 1}, {SIGMOID, 1}, {TANH, 1});
  if (layer->activation == LEAKY_RELU) {
    layer->slope = flag(13) ? (double)number(12) / 1e6 : 0.125;
    if (!(layer->slope > 0 && layer->slope < 1)) refuse("a slope of %f", layer->slope);
  }
}

static void read_odd_padding(Layer *layer) {
  layer->padding = (Padding)CHOOSE({VALID, 4}, {SAME, 4}, {FRAME, 8});
  if (layer->padding == FRAME) {
    for (int i = 0; i < 4; i++) layer->frame[i] = count_up(number(2));
  }
}

/* Sizes, strides, dilations and padding of a window that is odd. */
static void read_odd(Layer *layer) {
  for (int i = 0; i < 2; i++) layer->size[i] = USUAL({3, 8}, {5, 3}, {1, 3}, {2, 3});
  for (int i = 0; i < 2; i++) layer->stride[i] = USUAL({1, 9}, {2, 6});
  for (int i = 0; i < 2; i++) layer->dilation[i] = USUAL({1, 9}, {2, 2});
  read_odd_padding(layer);
}

static int is_spread(const int64_t *steps) { return steps[0] > 1 || steps[1] > 1; }

static int is_odd(void) { return version >= 3 && flag(version >= 4 ? 2 : 14); }

static void read_window(Layer *layer) {
  if (is_odd()) {
    read_odd(layer);
    if (is_spread(layer->stride) && is_spread(layer->dilation)) refuse("a stride and a dilation above 1");
  } else {
    layer->size[0] = layer->size[1] = USUAL({3, 8}, {5, 3}, {1, 3});
    layer->stride[0] = layer->stride[1] = USUAL({1, 9}, {2, 6});
    layer->padding = flag(layer->depth > 0 ? 12 : 4) ? SAME : VALID;
  }
  if (!flag(2)) read_relu(layer);
}

static void read_pool(Layer *layer) {
  if (is_odd()) {
    read_odd(layer);
    if (is_spread(layer->dilation)) refuse("a pool's dilation above 1");
    for (int i = 0; i < 4; i++) {
      if (layer->frame[i] >= layer->size[i / 2]) refuse("a pool's frame as wide as its window");
    }
    return;
  }
  layer->size[0] = layer->size[1] = USUAL({2, 12}, {3, 2});
  layer->stride[0] = layer->stride[1] = layer->size[0];
}

/* How many windows lie along rows (axis 0) or columns of what `layer` reads. */
static int64_t count_windows(Layer *layer, int axis) {
  int64_t length = axis ? layer->from.width : layer->from.height;
  int64_t stride = layer->stride[axis];
  int64_t extent = (layer->size[axis] - 1) * layer->dilation[axis] + 1;
  layer->extent[axis] = extent;
  if (layer->padding == SAME) return (length + stride - 1) / stride;
  if (layer->padding == FRAME) length += layer->frame[2 * axis] + layer->frame[2 * axis + 1];
  if (length < extent) refuse("a window doesn't fit into its image");
  return (length - extent) / stride + 1;
}

static void add_weights(double kernel, double outputs) {
  cost.weights += kernel + outputs;
  limit(cost.weights, MOST_WEIGHTS, "weights");
}

/* Follows what `layer` makes of `from`, and reckons what that costs. */
static Shape follow(Layer *layer, Shape from) {
  Shape to = from;
  layer->from = from;
  double places = numbers_in(from) / (double)from.channels;
  double area = 1; /* of a window, on the image */
  if (layer->size[0] > 0) {
    to.height = count_windows(layer, 0);
    to.width = count_windows(layer, 1);
    area = (double)layer->extent[0] * (double)layer->extent[1];
  }
  double windows = (double)to.height * (double)to.width;
  double taps = (double)layer->size[0] * (double)layer->size[1];
  switch (layer->kind) {
    case DENSE:
      taps = 1;
      /* fall through */
    case CONV2D: {
      to.channels = layer->outputs;
      double outputs = (double)layer->outputs, read = area * (double)from.channels;
      double fours = ceil(outputs / 4) * 4;
      add_weights(taps * (double)from.channels * outputs, outputs);
      cost.operations += numbers_in(from) + windows * (24 + read * (fours + 1));
      padded += read * fours;
      if (28 * numbers_in(from) > listed) listed = 28 * numbers_in(from);
      break;
    }
    case DEPTHWISE_CONV2D:
      to.channels = from.channels * layer->multiplier;
      add_weights(taps * (double)to.channels, (double)to.channels);
      cost.operations += numbers_in(to) * (8 + 4 * area);
      padded += area * (double)to.channels;
      break;
    case MAX_POOL2D:
    case AVERAGE_POOL2D:
      cost.operations += numbers_in(to) * (8 + 2 * area);
      cost.memory += 4 * area;
      break;
    case GLOBAL_AVERAGE_POOL2D:
    case GLOBAL_MAX_POOL2D:
      cost.operations += (double)from.channels * (8 + 2 * places);
      cost.memory += 4 * places;
      to.height = to.width = to.is_row = 1;
      break;
    case FLATTEN:
      to.channels = from.height * from.width * from.channels;
      to.height = to.width = to.is_row = 1;
      break;
    case RESIDUAL:
      residual_count++;
      cost.operations += 3 * numbers_in(from);
      break;
    case SOFTMAX:
      count_up(from.channels);
      cost.operations += 16 * (double)from.channels;
      cost.memory += 100 * (double)from.channels;
      break;
    case END:
      break;
  }
  if (layer->rounding.is_each && layer->rounding.count != to.channels)
    refuse("%lld shifts of another count of channels", (long long)layer->rounding.count);
  if (numbers_in(to) > cost.activations) cost.activations = numbers_in(to);
  limit(cost.activations, MOST_ACTIVATIONS, "numbers of an image");
  return layer->to = to;
}

static Kind read_kind(Shape shape, int depth) {
  if (depth > 0) {
    return (Kind)(shape.is_row ? CHOOSE({DENSE, 8}, {END, 8}, {RESIDUAL, 1})
                               : CHOOSE({CONV2D, 8}, {END, 6}, {DEPTHWISE_CONV2D, 4}, {RESIDUAL, 1}));
  }
  if (version >= 4) {
    return (Kind)(shape.is_row ? CHOOSE({SOFTMAX, 8}, {DENSE, 8}, {RESIDUAL, 1}, {FLATTEN, 1})
                               : CHOOSE({CONV2D, 8}, {MAX_POOL2D, 4}, {DEPTHWISE_CONV2D, 3}, {FLATTEN, 3},
                                        {GLOBAL_AVERAGE_POOL2D, 2}, {AVERAGE_POOL2D, 2}, {RESIDUAL, 1},
                                        {GLOBAL_MAX_POOL2D, 1}));
  }
  const Option images[] = {
    {CONV2D, 8}, {DEPTHWISE_CONV2D, 4}, {MAX_POOL2D, 3}, {FLATTEN, 3},
    {GLOBAL_AVERAGE_POOL2D, 2}, {AVERAGE_POOL2D, 2}, {RESIDUAL, 6}, {GLOBAL_MAX_POOL2D, 1},
  };
  const Option rows[] = {{SOFTMAX, 8}, {DENSE, 8}, {FLATTEN, 1}, {RESIDUAL, 3}};
  return (Kind)(shape.is_row ? choose(rows, version < 2 ? 3 : 4)
                             : choose(images, version < 2 ? 6 : version < 3 ? 7 : 8));
}

/* The image whose flatten `layer` reads, the first in residual layers behind it too. */
static Shape find_flattened(const Layer *layer) {
  while (layer > layers && layer[-1].kind == RESIDUAL) layer--;
  int is_behind = layer > layers && layer[-1].kind == FLATTEN && !layer[-1].from.is_row;
  return is_behind ? layer[-1].from : (Shape){0, 0, 0, 0};
}

/* The shift of the logits that the layer before the softmax, `last`, gives in a model of integers. */
static void read_logits(Layer *last) {
  last->shift = read_shift(5, 1);
  if (last->activation != LINEAR || (last->kind != DENSE && last->kind != GLOBAL_AVERAGE_POOL2D))
    refuse("logits of a %s layer", KINDS[last->kind]);
}

/* Layers until the softmax (depth 0) or the end of the residual layer that holds them. */
static Shape read_layers(Shape shape, int depth) {
  for (;;) {
    Kind kind = read_kind(shape, depth);
    if (kind == END) return shape;
    if (layer_count == MOST_LAYERS) refuse("more than 64 layers");
    Layer *layer = &layers[layer_count++];
    *layer = (Layer){
      .kind = kind, .depth = depth, .dilation = {1, 1}, .multiplier = 1, .kernel = -1, .shift = -1,
    };
    switch (kind) {
      case CONV2D:
        layer->outputs = count_up(number(3) + 1);
        read_window(layer);
        break;
      case DEPTHWISE_CONV2D:
        read_window(layer);
        if (version >= 3) layer->multiplier = USUAL({1, 12}, {2, 2});
        break;
      case MAX_POOL2D:
        read_pool(layer);
        break;
      case AVERAGE_POOL2D:
        read_pool(layer);
        /* fall through */
      case GLOBAL_AVERAGE_POOL2D:
        if (version >= 4 && !flag(4)) read_relu(layer);
        break;
      case DENSE:
        layer->outputs = USUAL({10, 12});
        if (flag(5)) read_relu(layer);
        layer->flattened = find_flattened(layer);
        break;
      case RESIDUAL: {
        if (!flag(4)) read_relu(layer);
        follow(layer, shape);
        int first = layer_count;
        Shape given = read_layers(shape, depth + 1);
        if (layer_count == first) refuse("a residual layer holds nothing");
        if (given.height != shape.height || given.width != shape.width || given.channels != shape.channels)
          refuse("a residual layer gives another shape than it reads");
        layer->end = layer_count;
        if (version >= 4) layer->lift = number(2);
        if (layer->lift > MOST_SHIFT) refuse("a lift of %lld", (long long)layer->lift);
        continue;
      }
      default:
        break;
    }
    shape = follow(layer, shape);
    if (kind != SOFTMAX) continue;
    if (version >= 4) read_logits(layer - 1);
    return shape;
  }
}

static void read_architecture(double file_bytes) {
  part("architecture", -1);
  input = (Shape){28, 28, 1, 0};
  if (flag(1)) {
    input.height = count_up(number(4) + 1);
    input.width = count_up(number(4) + 1);
    input.channels = count_up(number(4) + 1);
  }
  layer_count = residual_count = 0;
  padded = listed = 0;
  cost = (Cost){.bytes = file_bytes, .activations = numbers_in(input)};
  limit(cost.activations, MOST_ACTIVATIONS, "numbers of an image");
  read_layers(input, 0);
  cost.decoding = 9 * cost.weights + 8 * file_bytes;
  cost.memory += 1048576 + 2 * file_bytes + 8 * (cost.weights + padded) + listed +
                 16 * cost.activations * (1 + residual_count);
  limit(cost.bytes, 33554432.0, "bytes");
  limit(cost.operations, 2147483648.0, "operations");
  limit(cost.memory, 268435456.0, "bytes to run in");
  limit(cost.decoding, 268435456.0, "steps to decode");
  limit(cost.decoding, 8388608.0 + 8192.0 * file_bytes, "steps to decode so few bytes");
}

/* ---- Labels ---- */

static int64_t class_count;
static char **labels;
static size_t *label_lengths;

static int is_utf8(const uint8_t *text, size_t length) {
  for (size_t i = 0; i < length;) {
    uint32_t point = text[i++];
    if (point < 0x80) continue;
    int more = point >= 0xf0 ? 3 : point >= 0xe0 ? 2 : 1;
    if (point < 0xc2 || point > 0xf4) return 0;
    point &= 0x3fu >> more;
    for (int j = 0; j < more; j++, i++) {
      if (i >= length || (text[i] & 0xc0) != 0x80) return 0;
      point = point << 6 | (text[i] & 0x3fu);
    }
    static const uint32_t LEAST[] = {0, 0x80, 0x800, 0x10000};
    if (point < LEAST[more] || point > 0x10ffff || (point >= 0xd800 && point < 0xe000)) return 0;
  }
  return 1;
}

static void read_labels(void) {
  part("labels", -1);
  class_count = layers[layer_count - 1].to.channels;
  labels = allocate((size_t)class_count, sizeof *labels);
  label_lengths = allocate((size_t)class_count, sizeof *label_lengths);
  int own = flag(1);
  for (int64_t i = 0; i < class_count; i++) {
    int64_t length = 0;
    char digits[24];
    if (own) {
      length = number(3);
      if (length > 255) refuse("a label of %lld bytes", (long long)length);
    } else {
      length = snprintf(digits, sizeof digits, "%lld", (long long)i);
    }
    labels[i] = allocate((size_t)length, 1);
    label_lengths[i] = (size_t)length;
    for (int64_t j = 0; j < length; j++) labels[i][j] = own ? (char)(uint8_t)bits(8) : digits[j];
    if (own && !is_utf8((const uint8_t *)labels[i], (size_t)length)) refuse("a label is no UTF-8");
  }
}

/* ---- Tensors ---- */

typedef enum { UNIFORM, CODEBOOK, FLOAT } TensorKind;

typedef enum { ADAPTIVE, HUFFMAN, FIXED, GAPS, HUFFMAN_GAPS, ASCENDING, PLAIN } Coding;

static const char *const CODINGS[] = {
  "adaptive", "huffman", "fixed", "gaps", "huffmanGaps", "ascending", "plain",
};

typedef struct {
  TensorKind kind;
  int bits; /* of a level or a plain number */
  int has_channels; /* a scale a channel */
  int fraction; /* bits of float16s */
} Header;

typedef struct {
  int64_t shape[4];
  int rank;
  int64_t height, width, inputs, outputs; /* as adaptive coding sees it */
  int64_t count; /* of its weights */
  int64_t channels; /* of its scales, where there are several */
  Header header;
  Coding coding;
  int64_t table_size; /* scales, or entries of the codebook */
  float *table;
  float *weights; /* row-major */
} Tensor;

static Tensor tensors[2 * MOST_LAYERS];
static int tensor_count;

/* The symbols low … high of a tensor, and what stands for them among neighbours. */
typedef struct {
  int low, high, size, offset;
} Alphabet;

static Header read_header(void) {
  Header header = {UNIFORM, 0, 0, 0};
  header.kind = (TensorKind)CHOOSE({UNIFORM, 12}, {CODEBOOK, 2}, {FLOAT, 2});
  if (header.kind == UNIFORM) {
    header.bits = (int)bits(3) + 1;
    header.has_channels = flag(4);
  } else if (header.kind == FLOAT) {
    header.bits = CHOOSE({16, 1}, {32, 1});
  }
  if (header.kind != FLOAT || header.bits == 16) {
    header.fraction = CHOOSE({4, 3}, {3, 3}, {0, 3}, {10, 3}, {2, 1}, {5, 1}, {1, 1}, {6, 1}, {7, 1},
                             {8, 1}, {9, 1});
  }
  return header;
}

/* The exponent of the last uniform tensor's last scale. */
static int64_t last_exponent;

/* One float16 of a row; `exponent` is that of the one before. */
static float read_half(const Header *header, int has_signs, int64_t *exponent) {
  if (has_signs && flag(1)) return 0;
  int negative = has_signs && flag(8);
  *exponent += signed_number(1);
  if (*exponent < 0 || *exponent > 30) refuse("an exponent of %lld", (long long)*exponent);
  int fraction = (int)(bits(header->fraction) << (10 - header->fraction));
  double magnitude = *exponent == 0 ? ldexp(fraction, -24) : ldexp(1024 + fraction, (int)*exponent - 25);
  if (magnitude == 0) refuse("a 0 as an exponent and a fraction");
  return (float)(negative ? -magnitude : magnitude);
}

/* ---- Adaptive coding ---- */

typedef struct {
  int32_t q, count;
  int is_known;
} Cell;

static void learn(Cell *cell, int one) {
  cell->q += ((one ? 65536 : 0) - cell->q) * 2 / (2 * cell->count + 5);
  cell->q = (int32_t)clamp(cell->q, 32, 65504);
  if (cell->count < 1000) cell->count++;
}

static const int CURVE[] = {32768, 40793, 47911, 53581, 57724, 60565, 62428, 63615, 64357,
                            64816, 65097, 65269, 65374, 65438, 65476, 65500, 65514};

static int squash(int64_t x) {
  int64_t size = clamp(x < 0 ? -x : x, 0, 2047);
  int64_t i = size / 128, f = size % 128;
  int y = CURVE[i] + (int)((CURVE[i + 1] - CURVE[i]) * f / 128);
  return x >= 0 ? y : 65536 - y;
}

static int stretched[4096];

static void prepare_stretch(void) {
  int x = -2047;
  for (int i = 0; i < 4096; i++) {
    while (x < 2047 && squash(x) / 16 < i) x++;
    stretched[i] = x;
  }
}

static int stretch(int p) { return stretched[p / 16]; }

enum { MOST_SYMBOLS = 256 };

/* Kept through a file: cells by size of alphabet and node, weights by kind of decision. */
static Cell *cells_of[MOST_SYMBOLS + 1];
static int32_t mixing[4][2];

static void begin_adaptive(void) {
  memset(cells_of, 0, sizeof cells_of);
  for (int i = 0; i < 4; i++) {
    mixing[i][0] = 13107;
    mixing[i][1] = 52429;
  }
}

typedef struct {
  int64_t shares[8], errors, count, spike, seen;
  int64_t neighbours[8], mean, spread; /* of the weight that is looked at */
} Predictor;

static int64_t level_curve(const Predictor *p, const Alphabet *a, int64_t s) {
  return squash((256 * s + 128 + a->offset - p->mean) * 256 / p->spread);
}

static int64_t up_to(const Predictor *p, const Alphabet *a, int64_t s) {
  return level_curve(p, a, s) * (65536 - p->spike) / 65536 + (s >= 0 ? p->spike : 0);
}

/* The weights of `mixing` are 32-bit integers. */
static int32_t wrap(int64_t sum) {
  uint32_t low = (uint32_t)(uint64_t)sum;
  return low < 0x80000000u ? (int32_t)low : (int32_t)(low - 0x80000000u) - 0x7fffffff - 1;
}

static int adaptive_symbol(const Predictor *p, const Alphabet *a) {
  int l = a->low, h = a->high, node = 1;
  int64_t from = 0, to = 65536;
  Cell **cells = &cells_of[a->size];
  if (!*cells) *cells = allocate(MOST_SYMBOLS, sizeof(Cell));
  while (l < h) {
    int mid = (int)floor_divide(l + h, 2);
    int64_t at = up_to(p, a, mid);
    int expected = (int)((to - at + 8) * 65536 / (to - from + 16));
    Cell *cell = &(*cells)[node];
    if (!cell->is_known) *cell = (Cell){expected, 0, 1};
    int32_t *w = mixing[(h - l <= 2 ? 1 : 0) + (l <= 0 && 0 <= h ? 2 : 0)];
    int q = stretch(cell->q), e = stretch(expected);
    int probability = squash(floor_divide((int64_t)w[0] * q + (int64_t)w[1] * e, 65536));
    int one = bit((uint32_t)probability);
    int64_t error = (one ? 65536 : 0) - probability;
    w[0] = wrap(w[0] + floor_divide(error * q, 65536));
    w[1] = wrap(w[1] + floor_divide(error * e, 65536));
    learn(cell, one);
    if (one) {
      l = mid + 1;
      from = at;
    } else {
      h = mid;
      to = at;
    }
    node = 2 * node + one;
  }
  return l;
}

static void predict(Predictor *p) {
  int64_t sum = 0;
  for (int i = 0; i < 8; i++) sum += p->shares[i] * p->neighbours[i];
  p->mean = floor_divide(sum, 65536);
  p->spread = 184 * p->errors / p->count;
  if (p->spread < 16) p->spread = 16;
}

static void learn_symbol(Predictor *p, const Alphabet *a, int symbol) {
  int64_t r = 256 * (int64_t)symbol + a->offset - p->mean, t = 0;
  if (a->offset == 0) {
    if (symbol == 0) {
      int64_t g = (65536 - p->spike) * (level_curve(p, a, 0) - level_curve(p, a, -1)) / 65536;
      t = 65536 * p->spike / (p->spike + g);
    }
    p->spike = clamp(p->spike + (t - p->spike) / p->seen, 64, 65000);
    if (p->seen < 1024) p->seen++;
  }
  p->errors += (r < 0 ? -r : r) * (65536 - t) / 65536;
  p->count += (65536 - t) >> 8;
  if (p->count >= 262144) {
    p->count >>= 1;
    p->errors /= 2;
  }
  int64_t size = a->size * a->size / 8, v = 65536 * (size > 1 ? size : 1);
  for (int i = 0; i < 8; i++) v += p->neighbours[i] * p->neighbours[i];
  for (int i = 0; i < 8; i++) {
    p->shares[i] = clamp(p->shares[i] + 4096 * r * p->neighbours[i] / v, -131072, 131072);
  }
}

static void read_adaptive(const Tensor *t, const Alphabet *a, int16_t *symbols) {
  Predictor p = {
    .shares = {19661, 16384, 0, 3277}, .errors = 86 * a->size, .count = 512,
    .spike = a->offset == 0 ? 4096 : 0, .seen = 3,
  };
  static const int BACK[8][4] = {
    /* output, input, row, column */
    {0, 0, 0, 1}, {0, 0, 1, 0}, {1, 0, 0, 0}, {0, 1, 0, 0},
    {0, 0, 1, 1}, {0, 0, 1, -1}, {2, 0, 0, 0}, {0, 2, 0, 0},
  };
  for (int64_t output = 0; output < t->outputs; output++) {
    for (int64_t in = 0; in < t->inputs; in++) {
      for (int64_t row = 0; row < t->height; row++) {
        for (int64_t column = 0; column < t->width; column++) {
          for (int i = 0; i < 8; i++) {
            int64_t o = output - BACK[i][0], n = in - BACK[i][1];
            int64_t y = row - BACK[i][2], x = column - BACK[i][3];
            p.neighbours[i] = o < 0 || n < 0 || y < 0 || x < 0 || x >= t->width
              ? 0
              : 256 * symbols[((y * t->width + x) * t->inputs + n) * t->outputs + o] + a->offset;
          }
          predict(&p);
          int symbol = adaptive_symbol(&p, a);
          symbols[((row * t->width + column) * t->inputs + in) * t->outputs + output] = (int16_t)symbol;
          learn_symbol(&p, a, symbol);
        }
      }
    }
  }
}

/* ---- The other codings ---- */

static void read_ascending(const Alphabet *a, int16_t *symbols, int64_t count) {
  int s = a->low;
  for (int64_t known = 0; known < count;) {
    int64_t left = count - known, above = a->high - s;
    int64_t share = 65536 * left / (left + above);
    if (above == 0 || bit((uint32_t)(share < 1 ? 1 : share))) symbols[known++] = (int16_t)s;
    else s++;
  }
}

static void read_fixed(const Alphabet *a, int16_t *symbols, int64_t count) {
  int width = 0;
  while (1 << width < a->size) width++;
  for (int64_t i = 0; i < count; i++) {
    uint32_t place = bits(width);
    if (place >= (uint32_t)a->size) refuse("a symbol outside of its alphabet");
    symbols[i] = (int16_t)(a->low + (int)place);
  }
}

enum { MOST_WORD = 30 };

/* Words by length: how many, and the symbols' places in the order of their words. */
typedef struct {
  int counts[MOST_WORD + 1];
  int order[MOST_SYMBOLS];
  int alone; /* place of the only symbol that occurs, or -1 */
} Table;

static Table read_table(int size) {
  int lengths[MOST_SYMBOLS];
  Table table = {.alone = -1};
  int64_t length = 0, used = 0;
  int occurring = 0, last = 0;
  for (int i = 0; i < size; i++) {
    length += signed_number(0);
    if (length < 0 || length > MOST_WORD) refuse("a code word of %lld bits", (long long)length);
    lengths[i] = (int)length;
    if (length == 0) continue;
    table.counts[length]++;
    used += (int64_t)1 << (MOST_WORD - length);
    occurring++;
    last = i;
  }
  if (occurring == 1) table.alone = last;
  else if (used != (int64_t)1 << MOST_WORD) refuse("code words are not used up");
  int place = 0;
  for (int bits_of = 1; bits_of <= MOST_WORD; bits_of++) {
    for (int i = 0; i < size; i++) {
      if (lengths[i] == bits_of) table.order[place++] = i;
    }
  }
  return table;
}

static int read_word(const Table *table) {
  if (table->alone >= 0) return table->alone;
  int64_t word = 0, first = 0;
  int place = 0;
  for (int length = 1; length <= MOST_WORD; length++) {
    word = word << 1 | bit(32768);
    first <<= 1;
    if (word - first < table->counts[length]) return table->order[place + (word - first)];
    first += table->counts[length];
    place += table->counts[length];
  }
  refuse("no code word"); /* words that are used up leave none */
}

static int cell_bit(Cell *cell) {
  int one = bit((uint32_t)cell->q);
  learn(cell, one);
  return one;
}

static void read_gaps(const Alphabet *a, int16_t *symbols, int64_t count) {
  Cell gaps[64], nodes[MOST_SYMBOLS];
  for (int i = 0; i < 64; i++) gaps[i] = (Cell){32768, 0, 1};
  for (int i = 0; i < MOST_SYMBOLS; i++) nodes[i] = (Cell){32768, 0, 1};
  for (int64_t place = 0;;) {
    int j = 0;
    while (cell_bit(&gaps[j])) {
      if (++j > 23) refuse("too many zeros");
    }
    int64_t zeros = 1;
    for (int i = 0; i < j; i++) zeros = zeros << 1 | (i == 0 ? cell_bit(&gaps[32 + j]) : bit(32768));
    zeros--;
    if (zeros > count - place) refuse("zeros behind the tensor's end");
    place += zeros;
    if (place == count) return;
    int l = a->low, h = a->high - 1, node = 1;
    while (l < h) {
      int mid = (int)floor_divide(l + h, 2), one = cell_bit(&nodes[node]);
      if (one) l = mid + 1;
      else h = mid;
      node = 2 * node + one;
    }
    symbols[place++] = (int16_t)(l >= 0 ? l + 1 : l);
    if (place == count) return;
  }
}

static void read_huffman_gaps(const Alphabet *a, int16_t *symbols, int64_t count) {
  int width = (int)bits(3) + 1;
  int64_t entries = number(8), place = 0;
  if (entries == 0) return;
  Table gaps = read_table(1 << width), words = read_table(a->size);
  for (; entries > 0; entries--) {
    place += read_word(&gaps);
    if (place >= count) refuse("a symbol behind the tensor's end");
    symbols[place++] = (int16_t)(a->low + read_word(&words));
  }
}

static Coding read_symbols(const Tensor *t, const Alphabet *a, int16_t *symbols) {
  int is_row = t->height == 1 && t->width == 1 && t->inputs == 1;
  Option options[6];
  int count = 0;
  if (is_row) options[count++] = (Option){ASCENDING, 12};
  options[count++] = (Option){ADAPTIVE, 12};
  options[count++] = (Option){HUFFMAN, 1};
  options[count++] = (Option){FIXED, 1};
  if (a->offset == 0 && a->size > 1) {
    options[count++] = (Option){GAPS, 1};
    options[count++] = (Option){HUFFMAN_GAPS, 1};
  }
  Coding coding = (Coding)choose(options, count);
  switch (coding) {
    case ADAPTIVE:
      read_adaptive(t, a, symbols);
      break;
    case ASCENDING:
      read_ascending(a, symbols, t->count);
      break;
    case FIXED:
      read_fixed(a, symbols, t->count);
      break;
    case HUFFMAN: {
      Table table = read_table(a->size);
      for (int64_t i = 0; i < t->count; i++) symbols[i] = (int16_t)(a->low + read_word(&table));
      break;
    }
    case GAPS:
      read_gaps(a, symbols, t->count);
      break;
    default:
      read_huffman_gaps(a, symbols, t->count);
  }
  return coding;
}

/* The exponent of the last bias of integers that had one. */
static int64_t last_bias_exponent;

/* What stands before the symbols of a tensor of integers: of levels, or of integers as they are. */
static Header read_integer_header(int is_bias) {
  Header header = {is_bias && flag(3) ? FLOAT : UNIFORM, 32, 0, 0};
  if (header.kind == UNIFORM) header.bits = (int)bits(3) + 1;
  return header;
}

static void read_plain_integers(Tensor *t) {
  int k = (int)bits(4);
  for (int64_t i = 0; i < t->count; i++) t->weights[i] = (float)signed_number(k);
  t->coding = PLAIN;
}

/* What a level of integers stands for: 1, and 2^e in a bias. */
static float read_unit(const Tensor *t) {
  if (t->rank > 1) return 1;
  last_bias_exponent += signed_number(1);
  if (last_bias_exponent < 0 || last_bias_exponent > MOST_SHIFT)
    refuse("a bias's exponent of %lld", (long long)last_bias_exponent);
  return (float)ldexp(1, (int)last_bias_exponent);
}

static void read_tensor(Tensor *t, int index, Header *last, int *has_last) {
  part("header", index);
  if (!*has_last || !flag(13)) *last = version >= 4 ? read_integer_header(t->rank == 1) : read_header();
  *has_last = 1;
  Header header = t->header = *last;
  t->weights = allocate((size_t)t->count, sizeof *t->weights);
  if (header.kind == FLOAT) {
    part("weights", index);
    if (version >= 4) {
      read_plain_integers(t);
      return;
    }
    int64_t exponent = last_exponent;
    for (int64_t i = 0; i < t->count; i++) {
      if (header.bits == 16) {
        t->weights[i] = read_half(&header, 1, &exponent);
      } else {
        uint32_t pattern = bits(32);
        memcpy(&t->weights[i], &pattern, 4);
        if (!isfinite(t->weights[i])) refuse("a weight is not finite");
      }
    }
    t->coding = PLAIN;
    return;
  }
  part("scales", index);
  Alphabet alphabet;
  int64_t below = 0;
  if (header.kind == UNIFORM) {
    t->table_size = header.has_channels ? t->channels : 1;
    t->table = allocate((size_t)t->table_size, sizeof *t->table);
    for (int64_t i = 0; i < t->table_size; i++)
      t->table[i] = version >= 4 ? read_unit(t) : read_half(&header, 0, &last_exponent);
    int half = 1 << (header.bits - 1);
    alphabet = (Alphabet){-half, half - 1, 2 * half, header.bits == 1 ? 128 : 0};
  } else {
    t->table_size = number(3) + 1;
    if (t->table_size > MOST_SYMBOLS) refuse("a codebook of %lld entries", (long long)t->table_size);
    t->table = allocate((size_t)t->table_size, sizeof *t->table);
    int64_t exponent = last_exponent;
    int has_zero = 0;
    for (int64_t i = 0; i < t->table_size; i++) {
      t->table[i] = read_half(&header, 1, &exponent);
      if (i > 0 && t->table[i] <= t->table[i - 1]) refuse("a codebook doesn't ascend");
      if (t->table[i] < 0) below++;
      if (t->table[i] == 0) has_zero = 1;
    }
    int low = -(int)below, size = (int)t->table_size;
    alphabet = (Alphabet){low, low + size - 1, size, has_zero ? 0 : 128};
  }
  part("weights", index);
  int16_t *symbols = allocate((size_t)t->count, sizeof *symbols);
  t->coding = read_symbols(t, &alphabet, symbols);
  for (int64_t i = 0; i < t->count; i++) {
    if (header.kind == CODEBOOK) {
      t->weights[i] = t->table[symbols[i] + below];
    } else {
      int level = header.bits == 1 ? (symbols[i] < 0 ? -1 : 1) : symbols[i];
      t->weights[i] = (float)level * t->table[i % t->table_size];
    }
  }
}

/* The kernel's and the bias's shapes of `layer`. */
static void place_tensors(Layer *layer) {
  Shape from = layer->from;
  int64_t outputs = layer->to.channels;
  layer->kernel = tensor_count;
  Tensor *kernel = &tensors[tensor_count++], *bias = &tensors[tensor_count++];
  *kernel = (Tensor){
    .shape = {layer->size[0], layer->size[1], from.channels, outputs},
    .rank = 4, .height = layer->size[0], .width = layer->size[1], .inputs = from.channels,
    .outputs = outputs,
  };
  if (layer->kind == DEPTHWISE_CONV2D) {
    kernel->shape[3] = layer->multiplier;
    kernel->inputs = 1;
  } else if (layer->kind == DENSE) {
    kernel->shape[0] = from.channels;
    kernel->shape[1] = outputs;
    kernel->rank = 2;
    Shape image = layer->flattened.channels ? layer->flattened : from;
    kernel->height = image.height;
    kernel->width = image.width;
    kernel->inputs = image.channels;
  }
  kernel->count = kernel->height * kernel->width * kernel->inputs * outputs;
  kernel->channels = kernel->shape[kernel->rank - 1];
  if (kernel->rank == 4 && kernel->shape[3] == 1) kernel->channels = kernel->shape[2];
  *bias = (Tensor){
    .shape = {outputs}, .rank = 1, .height = 1, .width = 1, .inputs = 1, .outputs = outputs,
    .count = outputs, .channels = 1,
  };
}

static void read_tensors(void) {
  tensor_count = 0;
  last_exponent = 11;
  last_bias_exponent = 3;
  begin_adaptive();
  for (int i = 0; i < layer_count; i++) {
    Kind kind = layers[i].kind;
    if (kind == CONV2D || kind == DEPTHWISE_CONV2D || kind == DENSE) place_tensors(&layers[i]);
  }
  Header last[2];
  int has_last[2] = {0, 0};
  for (int i = 0; i < tensor_count; i++) read_tensor(&tensors[i], i, &last[i % 2], &has_last[i % 2]);
}

/* ---- What must hold of a model of integers ---- */

/* |Sums| stay below this. */
static const double MOST_SUM = 16777216.0; /* 2^24 */

static int shift_of(const Layer *layer, int64_t channel) {
  return layer->rounding.shifts[layer->rounding.is_each ? channel : 0];
}

/* What a rounding by `shift` bits adds to a sum before. */
static int64_t half_of(int shift) { return shift == 0 ? 0 : (int64_t)1 << (shift - 1); }

static int64_t most_of(const Layer *layer) { return ((int64_t)1 << layer->rounding.bits) - 1; }

/*
 * The largest |number| that `layer` gives of sums of at most `sum`, plus sums[o] of output o,
 * where there are any.
 */
static double bound_sums(const Layer *layer, double sum, const double *sums) {
  double largest = 0;
  for (int64_t o = 0; o < layer->to.channels; o++) {
    double of = sum + (sums ? sums[o] : 0);
    if (layer->activation == ROUND) of += (double)half_of(shift_of(layer, o) + layer->rounding.slope);
    if (of >= MOST_SUM) refuse("a sum of %.0f", of);
    if (of > largest) largest = of;
  }
  return layer->activation == ROUND ? (double)most_of(layer) : largest;
}

static double bound_weighted(const Layer *layer, double most) {
  const Tensor *kernel = &tensors[layer->kernel];
  int64_t outputs = layer->to.channels;
  double *sums = allocate((size_t)outputs, sizeof *sums);
  for (int64_t i = 0; i < kernel->count; i++) sums[i % outputs] += most * fabs(kernel->weights[i]);
  for (int64_t o = 0; o < outputs; o++) sums[o] += fabs(kernel[1].weights[o]);
  return bound_sums(layer, 0, sums);
}

/* The largest |number| that layers first … end - 1 give of numbers up to `most`. */
static double bound_layers(int first, int end, double most) {
  for (int i = first; i < end;) {
    const Layer *layer = &layers[i++];
    switch (layer->kind) {
      case CONV2D:
      case DEPTHWISE_CONV2D:
      case DENSE:
        most = bound_weighted(layer, most);
        break;
      case AVERAGE_POOL2D:
        most = bound_sums(layer, most * (double)layer->size[0] * (double)layer->size[1], NULL);
        break;
      case GLOBAL_AVERAGE_POOL2D:
        most = bound_sums(layer, most * (double)layer->from.height * (double)layer->from.width, NULL);
        break;
      case RESIDUAL: {
        double lifted = ldexp(most, (int)layer->lift);
        most = bound_sums(layer, lifted + bound_layers(i, layer->end, most), NULL);
        i = layer->end;
        break;
      }
      default:
        break;
    }
  }
  return most;
}

/* ---- The file ---- */

static uint32_t crc32(const uint8_t *bytes, size_t length) {
  uint32_t crc = 0xffffffff;
  for (size_t i = 0; i < length; i++) {
    crc ^= bytes[i];
    for (int j = 0; j < 8; j++) crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc;
}

static uint32_t read_big(const uint8_t *bytes) {
  return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

enum { LONG = 8191 };

/* The stream of the file `bytes` of versions 1 to 3. */
static void open_stream(const uint8_t *bytes, size_t length) {
  size_t says = (size_t)(bytes[1] & 31) << 8 | bytes[2], head = 3;
  if (says == LONG) {
    if (length < 7) refuse("the file is cut short");
    says = read_big(bytes + 3);
    head = 7;
  }
  if (length < says) refuse("the file is cut short");
  if (length > says) refuse("bytes behind the end");
  if (length < head + 4) refuse("a length of %zu", says);
  if (crc32(bytes, length - 4) != read_big(bytes + length - 4)) refuse("the checksum is wrong");
  begin_stream(bytes + head, length - 4 - head);
}

/* The stream of the file `bytes` of version 4. */
static void open_integers(const uint8_t *bytes, size_t length) {
  if (length < 4) refuse("the file is cut short");
  uint32_t says = (uint32_t)(bytes[1] & 31) << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
  if (crc32(bytes + 4, length - 4) >> 11 != says) refuse("the checksum is wrong");
  begin_stream(bytes + 4, length - 4);
}

/* Reads the file `bytes` into what stands above. */
static void decode(const uint8_t *bytes, size_t length) {
  if (length < 1 || bytes[0] != 0xd7) refuse("no .dram file");
  if (length < 3) refuse("the file is cut short");
  version = bytes[1] >> 5;
  if (version < 1 || version > 4) refuse("version %d", version);
  if (version < 4) open_stream(bytes, length);
  else open_integers(bytes, length);
  part("preprocessing", -1);
  if (flag(1)) refuse("preprocessing %u", (unsigned)bits(8));
  read_architecture((double)length);
  read_labels();
  read_tensors();
  if (stream_place < stream_length) refuse("bytes of the stream are left");
  if (version >= 4) bound_layers(0, layer_count, 255);
}

static void say_pair(const char *name, const int64_t *pair) {
  say(" %s=%lld,%lld", name, (long long)pair[0], (long long)pair[1]);
}

static void say_rounding(const Rounding *rounding) {
  say(" shift=");
  for (int64_t i = 0; i < rounding->count; i++) say("%s%d", i > 0 ? "," : "", rounding->shifts[i]);
  say(" bits=%d", rounding->bits);
  if (rounding->has_slope) say(" slope=%.7f", ldexp(1, -rounding->slope));
}

static void say_layer(const Layer *layer) {
  say("%d %s", layer->depth, KINDS[layer->kind]);
  if (layer->outputs > 0) say(" outputs=%lld", (long long)layer->outputs);
  if (layer->size[0] > 0) {
    say_pair("size", layer->size);
    say_pair("stride", layer->stride);
    say_pair("dilation", layer->dilation);
    const int64_t *frame = layer->frame;
    if (layer->padding == FRAME)
      say(" padding=%lld,%lld,%lld,%lld", (long long)frame[0], (long long)frame[1],
          (long long)frame[2], (long long)frame[3]);
    else
      say(" padding=%s", layer->padding == SAME ? "same" : "valid");
  }
  if (layer->kind == DEPTHWISE_CONV2D) say(" multiplier=%lld", (long long)layer->multiplier);
  if (layer->kernel >= 0 || layer->kind == RESIDUAL || (version >= 4 && is_mean(layer))) {
    say(" %s", ACTIVATIONS[layer->activation]);
    if (layer->activation == LEAKY_RELU) say(" slope=%.7f", layer->slope);
    if (layer->activation == ROUND) say_rounding(&layer->rounding);
    if (layer->lift > 0) say(" lift=%lld", (long long)layer->lift);
    if (layer->shift >= 0) say(" shift=%d", layer->shift);
  }
  say("\n");
}

static void say_tensor(const Tensor *t) {
  static const char *const NAMES[] = {"uniform", "codebook", "float"};
  say("tensor %s", NAMES[t->header.kind]);
  if (t->header.bits > 0) say(" bits=%d", t->header.bits);
  say(" shape=");
  for (int i = 0; i < t->rank; i++) say("%s%lld", i > 0 ? "," : "", (long long)t->shape[i]);
  say("\n");
  say_floats("table", t->table, t->table_size);
  say_floats("weights", t->weights, t->count);
}

/* What `decode` read. Lines that begin with # say how it was written. */
static void say_model(void) {
  say("# version %d\n", version);
  say("cost %.0f %.0f %.0f %.0f %.0f %.0f\n", cost.bytes, cost.weights, cost.activations,
      cost.decoding, cost.memory, cost.operations);
  say("input %lld,%lld,%lld\n", (long long)input.height, (long long)input.width,
      (long long)input.channels);
  for (int i = 0; i < layer_count; i++) say_layer(&layers[i]);
  for (int64_t i = 0; i < class_count; i++) {
    say("label ");
    for (size_t j = 0; j < label_lengths[i]; j++) say("%02x", (unsigned)(uint8_t)labels[i][j]);
    say("\n");
  }
  for (int i = 0; i < tensor_count; i++) {
    say("# coding %s\n", CODINGS[tensors[i].coding]);
    say_tensor(&tensors[i]);
  }
}

/* ---- Running it ---- */

/* A number, and how far from it other roundings of the same sums may end. */
typedef struct {
  double is, off;
} Near;

/* Half a float32's last place, relative and absolute: what each number between layers may be off. */
static const double ROUNDING = 5.9604644775390625e-8; /* 2^-24 */
static const double LEAST = 1.401298464324817e-45; /* 2^-149 */

/* Whether a sum was no finite float32: such a model classifies nothing. */
static int overflows;

static Near stored(double is, double off) {
  if (!isfinite((float)is)) overflows = 1;
  return (Near){is, off + ROUNDING * fabs(is) + LEAST};
}

static Near activate(const Layer *layer, Near x) {
  double y = x.is, steepest = 1;
  switch (layer->activation) {
    case LINEAR:
    case ROUND: /* a model of integers has another way to run */
      return x;
    case RELU:
      y = x.is > 0 ? x.is : 0;
      break;
    case LEAKY_RELU:
      y = x.is >= 0 ? x.is : x.is * layer->slope;
      steepest = fmax(1, layer->slope);
      break;
    case RELU6:
      y = x.is > 6 ? 6 : x.is > 0 ? x.is : 0;
      break;
    case ELU:
      y = x.is >= 0 ? x.is : expm1(x.is);
      break;
    case SIGMOID:
      y = 1 / (1 + exp(-x.is));
      break;
    case TANH:
      y = tanh(x.is);
      break;
    case SWISH:
      y = x.is / (1 + exp(-x.is));
      steepest = 1.1;
      break;
  }
  return stored(y, steepest * x.off);
}

/* Rows or columns of zeros in front of the image that windows of `layer` begin on. */
static int64_t lead_of(const Layer *layer, int axis) {
  if (layer->padding == VALID) return 0;
  if (layer->padding == FRAME) return layer->frame[2 * axis];
  int64_t length = axis ? layer->from.width : layer->from.height;
  int64_t count = axis ? layer->to.width : layer->to.height;
  int64_t around = (count - 1) * layer->stride[axis] + layer->extent[axis] - length;
  return around > 0 ? around / 2 : 0;
}

/* The places of a window that lie on the image: which of the image's, and which of the window's. */
typedef struct {
  int64_t count, *image, *window;
} Places;

static void find_places(const Layer *layer, int64_t y, int64_t x, Places *places) {
  Shape shape = layer->from;
  places->count = 0;
  for (int64_t i = 0; i < layer->size[0]; i++) {
    int64_t row = y * layer->stride[0] - lead_of(layer, 0) + i * layer->dilation[0];
    if (row < 0 || row >= shape.height) continue;
    for (int64_t j = 0; j < layer->size[1]; j++) {
      int64_t column = x * layer->stride[1] - lead_of(layer, 1) + j * layer->dilation[1];
      if (column < 0 || column >= shape.width) continue;
      places->image[places->count] = row * shape.width + column;
      places->window[places->count++] = i * layer->size[1] + j;
    }
  }
}

/* The channels that `output` of a layer with weights reads: the first, and how many. */
static int64_t first_channel(const Layer *layer, int64_t output) {
  return layer->kind == DEPTHWISE_CONV2D ? output / layer->multiplier : 0;
}

static int64_t count_channels(const Layer *layer) {
  return layer->kind == DEPTHWISE_CONV2D ? 1 : layer->from.channels;
}

static Near weighted_sum(const Layer *layer, const Near *from, const Places *places, int64_t output) {
  const Tensor *kernel = &tensors[layer->kernel];
  int64_t first = first_channel(layer, output), channels = count_channels(layer);
  double sum = kernel[1].weights[output], off = 0, size = fabs(sum), terms = 1;
  for (int64_t i = 0; i < places->count; i++) {
    for (int64_t c = 0; c < channels; c++) {
      double weight = kernel->weights[(places->window[i] * channels + c) * layer->to.channels + output];
      Near value = from[places->image[i] * layer->from.channels + first + c];
      sum += weight * value.is;
      size += fabs(weight * value.is);
      off += fabs(weight) * value.off;
      terms++;
    }
  }
  return stored(sum, off + size * terms * 2.220446049250313e-16);
}

/* The largest, or the mean, of the numbers of `channel` in a window that lie on the image. */
static Near pooled(const Layer *layer, const Near *from, const Places *places, int64_t channel) {
  double sum = 0, most = -INFINITY, off = 0, furthest = 0, size = 0, terms = 0;
  for (int64_t i = 0; i < places->count; i++) {
    Near value = from[places->image[i] * layer->from.channels + channel];
    most = fmax(most, value.is);
    furthest = fmax(furthest, value.off);
    sum += value.is;
    size += fabs(value.is);
    off += value.off;
    terms++;
  }
  return is_mean(layer) ? stored(sum / terms, (off + size * terms * 2.220446049250313e-16) / terms)
                        : (Near){most, furthest};
}

/* `layer` with windows that hold what it reads, where it has none of its own. */
static Layer with_windows(Layer layer) {
  if (layer.kind == GLOBAL_AVERAGE_POOL2D || layer.kind == GLOBAL_MAX_POOL2D) {
    layer.size[0] = layer.from.height;
    layer.size[1] = layer.from.width;
  }
  if (layer.kind == DENSE) layer.size[0] = layer.size[1] = 1;
  return layer;
}

static Places allocate_places(Shape shape) {
  size_t most = (size_t)(shape.height * shape.width);
  return (Places){0, allocate(most, sizeof(int64_t)), allocate(most, sizeof(int64_t))};
}

static int64_t count_numbers(Shape shape) { return shape.height * shape.width * shape.channels; }

/* Flatten keeps the order of numbers, and logits are what softmax reads. */
static int passes_on(const Layer *layer) { return layer->kind == FLATTEN || layer->kind == SOFTMAX; }

static Near *run_layers(int first, int end, const Near *from);

static Near *run_layer(int index, const Near *from) {
  Layer layer = with_windows(layers[index]);
  int64_t count = count_numbers(layer.to), channels = layer.to.channels;
  Near *to = allocate((size_t)count, sizeof *to);
  if (layer.kind == RESIDUAL) {
    const Near *added = run_layers(index + 1, layer.end, from);
    for (int64_t i = 0; i < count; i++) {
      to[i] = activate(&layer, stored(from[i].is + added[i].is, from[i].off + added[i].off));
    }
    return to;
  }
  if (passes_on(&layer)) {
    memcpy(to, from, (size_t)count * sizeof *to);
    return to;
  }
  Places places = allocate_places(layer.from);
  for (int64_t i = 0; i < count; i++) {
    int64_t channel = i % channels, place = i / channels;
    if (channel == 0) find_places(&layer, place / layer.to.width, place % layer.to.width, &places);
    to[i] = layer.kernel >= 0 ? activate(&layer, weighted_sum(&layer, from, &places, channel))
                              : pooled(&layer, from, &places, channel);
  }
  return to;
}

static Near *run_layers(int first, int end, const Near *from) {
  Near *values = NULL;
  for (int i = first; i < end;) {
    values = run_layer(i, values ? values : from);
    i = layers[i].kind == RESIDUAL ? layers[i].end : i + 1;
  }
  return values;
}

/* ---- Running a model of integers ---- */

/* ⌊(h + x) / 2^shift⌋: to the nearest integer, halves up. */
static int64_t shift_down(int64_t x, int shift) {
  return floor_divide(half_of(shift) + x, (int64_t)1 << shift);
}

static int32_t round_sum(const Layer *layer, int64_t sum, int64_t channel) {
  if (layer->activation == LINEAR) return (int32_t)sum;
  const Rounding *rounding = &layer->rounding;
  int64_t most = most_of(layer);
  int shift = shift_of(layer, channel);
  return (int32_t)(rounding->has_slope && sum < 0
    ? clamp(shift_down(sum, shift + rounding->slope), -most, most)
    : clamp(shift_down(sum, shift), 0, most));
}

static int64_t sum_weighted(const Layer *layer, const int32_t *from, const Places *places, int64_t output) {
  const Tensor *kernel = &tensors[layer->kernel];
  int64_t first = first_channel(layer, output), channels = count_channels(layer);
  int64_t sum = (int64_t)kernel[1].weights[output];
  for (int64_t i = 0; i < places->count; i++) {
    for (int64_t c = 0; c < channels; c++) {
      float weight = kernel->weights[(places->window[i] * channels + c) * layer->to.channels + output];
      sum += (int64_t)weight * from[places->image[i] * layer->from.channels + first + c];
    }
  }
  return sum;
}

/* The largest, or the sum, of the numbers of `channel` in a window that lie on the image. */
static int64_t pool_integers(const Layer *layer, const int32_t *from, const Places *places, int64_t channel) {
  int64_t sum = 0, most = INT32_MIN;
  for (int64_t i = 0; i < places->count; i++) {
    int64_t number = from[places->image[i] * layer->from.channels + channel];
    sum += number;
    if (number > most) most = number;
  }
  return is_mean(layer) ? sum : most;
}

static int32_t *run_integer_layers(int first, int end, const int32_t *from);

static int32_t *run_integer_layer(int index, const int32_t *from) {
  Layer layer = with_windows(layers[index]);
  int64_t count = count_numbers(layer.to), channels = layer.to.channels;
  int32_t *to = allocate((size_t)count, sizeof *to);
  if (layer.kind == RESIDUAL) {
    const int32_t *added = run_integer_layers(index + 1, layer.end, from);
    for (int64_t i = 0; i < count; i++) {
      int64_t lifted = from[i] * ((int64_t)1 << layer.lift);
      to[i] = round_sum(&layer, lifted + added[i], i % channels);
    }
    return to;
  }
  if (passes_on(&layer)) {
    memcpy(to, from, (size_t)count * sizeof *to);
    return to;
  }
  Places places = allocate_places(layer.from);
  for (int64_t i = 0; i < count; i++) {
    int64_t channel = i % channels, place = i / channels;
    if (channel == 0) find_places(&layer, place / layer.to.width, place % layer.to.width, &places);
    int64_t sum = layer.kernel >= 0 ? sum_weighted(&layer, from, &places, channel)
                                    : pool_integers(&layer, from, &places, channel);
    to[i] = round_sum(&layer, sum, channel);
  }
  return to;
}

static int32_t *run_integer_layers(int first, int end, const int32_t *from) {
  int32_t *values = NULL;
  for (int i = first; i < end;) {
    values = run_integer_layer(i, values ? values : from);
    i = layers[i].kind == RESIDUAL ? layers[i].end : i + 1;
  }
  return values;
}

/* Logits of one image of integers. */
static void say_integer_logits(const uint8_t *pixels) {
  int64_t count = count_numbers(input);
  int32_t *image = allocate((size_t)count, sizeof *image);
  for (int64_t i = 0; i < count; i++) image[i] = pixels[i];
  const int32_t *sums = run_integer_layers(0, layer_count, image);
  float *logits = allocate((size_t)class_count, sizeof *logits);
  for (int64_t i = 0; i < class_count; i++)
    logits[i] = (float)ldexp(sums[i], -layers[layer_count - 2].shift);
  say_floats("logits", logits, class_count);
}

static void say_logits(const uint8_t *pixels, size_t length) {
  size_t each = (size_t)numbers_in(input);
  if (length % each != 0) refuse("pixels are no whole images of %zu", each);
  for (size_t first = 0; first < length; first += each) {
    if (version >= 4) {
      say_integer_logits(pixels + first);
      continue;
    }
    Near *image = allocate(each, sizeof *image);
    for (size_t i = 0; i < each; i++) image[i] = stored(pixels[first + i] / 255.0, 0);
    overflows = 0;
    const Near *logits = run_layers(0, layer_count, image);
    say("logits");
    if (overflows) {
      say(" overflow\n");
      return;
    }
    for (int64_t i = 0; i < class_count; i++) say(" %.17g %.3g", logits[i].is, logits[i].off);
    say("\n");
  }
}

/* ---- The program ---- */

static void judge(const uint8_t *bytes, size_t length, const uint8_t *pixels, size_t pixel_count) {
  said_length = 0;
  if (setjmp(refused) == 0) {
    decode(bytes, length);
    if (tracing) say("\n");
    else {
      say_model();
      say_logits(pixels, pixel_count);
    }
  } else {
    said_length = 0;
    say("refused: %s\n", reason);
  }
  give_back();
}

static uint8_t *read_exactly(FILE *file, size_t length) {
  uint8_t *bytes = malloc(length ? length : 1);
  if (!bytes) abort();
  if (fread(bytes, 1, length, file) != length) {
    fprintf(stderr, "cannot read: the input ends within a file\n");
    exit(1);
  }
  return bytes;
}

static uint8_t *read_file(const char *path, size_t *length) {
  FILE *file = fopen(path, "rb");
  if (!file || fseek(file, 0, SEEK_END) != 0) {
    perror(path);
    exit(1);
  }
  *length = (size_t)ftell(file);
  rewind(file);
  uint8_t *bytes = read_exactly(file, *length);
  fclose(file);
  return bytes;
}

/* A length of 32 bits, lowest byte first; 0 at the input's end. */
static int read_length(size_t *length) {
  uint8_t bytes[4];
  if (fread(bytes, 1, 4, stdin) != 4) return 0;
  *length = bytes[0] | (size_t)bytes[1] << 8 | (size_t)bytes[2] << 16 | (size_t)bytes[3] << 24;
  return 1;
}

static void serve(void) {
  size_t length, pixel_count;
  while (read_length(&length)) {
    uint8_t *bytes = read_exactly(stdin, length);
    if (!read_length(&pixel_count)) exit(1);
    uint8_t *pixels = read_exactly(stdin, pixel_count);
    judge(bytes, length, pixels, pixel_count);
    for (int i = 0; i < 4; i++) putchar((int)(said_length >> 8 * i & 255));
    fwrite(said, 1, said_length, stdout);
    fflush(stdout);
    free(bytes);
    free(pixels);
  }
}

int main(int count, char **arguments) {
  prepare_stretch();
  if (count == 2 && strcmp(arguments[1], "--serve") == 0) {
    serve();
  } else if (count == 2 || count == 3) {
    tracing = count == 3 && strcmp(arguments[1], "--trace") == 0;
    size_t length, pixel_count = 0;
    uint8_t *bytes = read_file(arguments[tracing ? 2 : 1], &length);
    uint8_t *pixels = count == 3 && !tracing ? read_file(arguments[2], &pixel_count) : NULL;
    judge(bytes, length, pixels, pixel_count);
    fwrite(said, 1, said_length, stdout);
    free(bytes);
    free(pixels);
  } else {
    fprintf(stderr, "dram FILE [PIXELS] | dram --trace FILE | dram --serve\n");
    return 2;
  }
  free(said);
  free(held);
  return 0;
}
