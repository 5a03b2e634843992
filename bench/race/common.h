// What the race tools share: the clock (Python's time.monotonic() reads the same one), named options, MQTT's variable byte integer.
#pragma once
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static inline double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec / 1e9;
}

// One option: "--name VALUE". A whole number goes to number, a broken one to real, a word to text.
struct option_ { const char *name; long *number; double *real; const char **text; };

static inline void read_options(int argc, char **argv, const struct option_ *options, const char *usage) {
  for (int i = 1; i < argc; i += 2) {
    const struct option_ *o = options;
    while (o->name && strcmp(o->name, argv[i])) o++;
    if (!o->name || i + 1 >= argc) { fprintf(stderr, "%s\n", usage); exit(2); }
    char *end = "";
    if (o->number) *o->number = strtol(argv[i + 1], &end, 10);
    else if (o->real) *o->real = strtod(argv[i + 1], &end);
    else *o->text = argv[i + 1];
    if (*end) { fprintf(stderr, "%s: %s is not a number\n", argv[i], argv[i + 1]); exit(2); }
  }
}

// Decodes a variable byte integer of at most have bytes at p. Returns its size; 0 when more bytes are needed or there are more than four.
static inline int varint(const unsigned char *p, int have, int *value) {
  *value = 0;
  for (int i = 0, shift = 0; i < 4 && i < have; i++, shift += 7) {
    *value |= (p[i] & 127) << shift;
    if (!(p[i] & 128)) return i + 1;
  }
  return 0;
}

// Writes a PUBLISH at w and returns its end. The topic is bench/s<sensor>/data.
static inline unsigned char *put_publish(unsigned char *w, long sensor, int qos, int id, int v5, const unsigned char *payload, int size) {
  char topic[48];
  int topic_len = sprintf(topic, "bench/s%ld/data", sensor), rest = 2 + topic_len + (qos ? 2 : 0) + v5 + size;
  *w++ = 0x30 | qos << 1;
  do { unsigned char d = rest & 127; rest >>= 7; *w++ = rest ? d | 128 : d; } while (rest);
  *w++ = topic_len >> 8; *w++ = topic_len;
  memcpy(w, topic, topic_len); w += topic_len;
  if (qos) { *w++ = id >> 8; *w++ = id; }
  if (v5) *w++ = 0;
  memcpy(w, payload, size);
  return w + size;
}

static inline void fill_payload(unsigned char *payload, int size) {
  static const char text[] = "{\"temperature\":25.5,\"humidity\":60,\"x\":1}";
  for (int i = 0; i < size; i++) payload[i] = text[i % (sizeof text - 1)];
}
