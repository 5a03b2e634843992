// kafka_sink: librdkafka's in-memory mock cluster (one broker, real wire protocol) with a record counter; or, given --bootstrap, only the
// counter, on the Kafka that answers there: the topic is made first, and deleted at SIGTERM.
// Prints "BOOT host:port", then "DONE seconds records at" once the expected records are in, timed from the first one; at is CLOCK_MONOTONIC's.
// --expected 0 counts nothing. --rtt: the mock cluster answers so much later, as one that is far away.
#include "common.h"
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <signal.h>
#include <unistd.h>

#define USAGE "usage: kafka_sink --partitions N --topic NAME --expected N [--bootstrap HOST:PORT | --rtt MILLISECONDS]"

static volatile sig_atomic_t ended;
static void end(int signal) { (void)signal; ended = 1; }
static void quiet(const rd_kafka_t *rk, int level, const char *fac, const char *buf) { (void)rk; (void)level; (void)fac; (void)buf; }

static rd_kafka_t *client(const char *bootstrap) {
  char error[256];
  rd_kafka_conf_t *conf = rd_kafka_conf_new();
  rd_kafka_conf_set_log_cb(conf, quiet);
  if (bootstrap) rd_kafka_conf_set(conf, "bootstrap.servers", bootstrap, error, sizeof error);
  rd_kafka_t *rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, error, sizeof error);
  if (!rk) { fprintf(stderr, "kafka_sink: %s\n", error); exit(1); }
  return rk;
}

static void create_topic(rd_kafka_t *rk, const char *topic, int partitions) {
  char error[256];
  rd_kafka_queue_t *queue = rd_kafka_queue_new(rk);
  rd_kafka_NewTopic_t *new = rd_kafka_NewTopic_new(topic, partitions, -1, error, sizeof error);
  if (!new) { fprintf(stderr, "kafka_sink: %s\n", error); exit(1); }
  rd_kafka_CreateTopics(rk, &new, 1, NULL, queue);
  rd_kafka_event_t *answer = rd_kafka_queue_poll(queue, 30000);
  size_t count = 0;
  const rd_kafka_topic_result_t **results = NULL;
  if (answer && !rd_kafka_event_error(answer)) results = rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(answer), &count);
  if (!count || rd_kafka_topic_result_error(results[0])) {
    fprintf(stderr, "kafka_sink: the topic %s cannot be made: %s\n", topic, count ? rd_kafka_topic_result_error_string(results[0]) : answer ? rd_kafka_event_error_string(answer) : "no answer");
    exit(1);
  }
  rd_kafka_event_destroy(answer);
}

static void delete_topic(rd_kafka_t *rk, const char *topic) {
  rd_kafka_queue_t *queue = rd_kafka_queue_new(rk);
  rd_kafka_DeleteTopic_t *old = rd_kafka_DeleteTopic_new(topic);
  rd_kafka_DeleteTopics(rk, &old, 1, NULL, queue);
  rd_kafka_event_t *answer = rd_kafka_queue_poll(queue, 10000);
  if (answer) rd_kafka_event_destroy(answer);
}

int main(int argc, char **argv) {
  long partitions = 4, expected = -1, rtt = 0;
  const char *topic = NULL, *bootstrap = NULL;
  read_options(argc, argv, (struct option_[]){{"--partitions", &partitions}, {"--expected", &expected}, {"--rtt", &rtt}, {"--topic", 0, 0, &topic}, {"--bootstrap", 0, 0, &bootstrap}, {0}}, USAGE);
  if (!topic || expected < 0 || partitions < 1 || rtt < 0 || (rtt && bootstrap)) { fprintf(stderr, "%s\n", USAGE); return 2; }
  signal(SIGTERM, end);
  int real = bootstrap != NULL;
  if (!real) {
    rd_kafka_mock_cluster_t *cluster = rd_kafka_mock_cluster_new(client(NULL), 1);
    if (!cluster) { fprintf(stderr, "kafka_sink: no mock cluster\n"); return 1; }
    rd_kafka_mock_topic_create(cluster, topic, partitions, 1);
    if (rtt) rd_kafka_mock_broker_set_rtt(cluster, -1, (int)rtt);
    bootstrap = rd_kafka_mock_cluster_bootstraps(cluster);
  }
  rd_kafka_t *query = client(bootstrap);
  if (real) create_topic(query, topic, partitions);
  printf("BOOT %s\n", bootstrap); fflush(stdout);
  for (double first = 0; !ended && expected > 0;) {
    long records = 0;
    for (int p = 0; p < partitions; p++) { int64_t low = 0, high = 0; if (!rd_kafka_query_watermark_offsets(query, topic, p, &low, &high, 5000)) records += high; }
    double time = now();
    if (records > 0 && first == 0) first = time;
    if (records >= expected) { printf("DONE %.3f %ld %.6f\n", time - first, records, time); fflush(stdout); break; }
    usleep(50000);
  }
  while (!ended) usleep(20000);
  if (real) delete_topic(query, topic);
  _exit(0);
}
