/*
 * A plugin of qemu-user (its plugin API, version 1): counts the guest's instructions by thread into a file that others map.
 *   cc -shared -fPIC -o count.so count-instructions.c; qemu-aarch64 -plugin count.so,counts=FILE program …
 * Declared here, as Debian ships the API without its header.
 */
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct qemu_plugin_tb;
typedef uint64_t qemu_plugin_id_t;
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *block);
void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id, void (*)(qemu_plugin_id_t, struct qemu_plugin_tb *));
void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb *block, void (*)(unsigned, void *), int flags, void *);

int qemu_plugin_version = 1;

enum { THREADS = 64, NO_REGISTERS = 0 };
static const char OPTION[] = "counts=";

/* A cache line each, as every thread writes its own. */
static struct { uint64_t executed, unused[7]; } *counts;

static void executed(unsigned thread, void *instructions) {
  counts[thread % THREADS].executed += (uintptr_t)instructions;
}

static void translated(qemu_plugin_id_t id, struct qemu_plugin_tb *block) {
  (void)id;
  qemu_plugin_register_vcpu_tb_exec_cb(block, executed, NO_REGISTERS, (void *)qemu_plugin_tb_n_insns(block));
}

int qemu_plugin_install(qemu_plugin_id_t id, const void *info, int argc, char **argv) {
  (void)info;
  if (argc != 1 || strncmp(argv[0], OPTION, strlen(OPTION)) != 0) {
    fprintf(stderr, "count-instructions: which file is to hold them? counts=FILE\n");
    return 1;
  }
  int file = open(argv[0] + strlen(OPTION), O_RDWR | O_CREAT, 0600);
  if (file < 0 || ftruncate(file, THREADS * sizeof *counts) != 0) return perror(argv[0]), 1;
  counts = mmap(NULL, THREADS * sizeof *counts, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (counts == MAP_FAILED) return perror(argv[0]), 1;
  qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
  return 0;
}
