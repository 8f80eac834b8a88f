#pragma once
#include <gumbo.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

// Gumbo with bounds. Some few kilobytes of HTML can make an HTML5 tree of gigabytes (formatting elements
// are opened again in each block), or keep the parser busy for minutes, and gumbo itself knows neither
// limit nor failure. So its memory comes from an arena that counts: beyond its limits it leaves the parser
// by longjmp, which passes gumbo's own frames only. Freeing the arena frees the tree, without gumbo's
// recursion over its depth, and taking memory from it is cheaper than malloc.

typedef struct brevdue_html_block {
  struct brevdue_html_block *next;
  max_align_t start[];
} brevdue_html_block;

typedef struct brevdue_html_arena {
  brevdue_html_block *blocks;
  char *position;
  size_t room;
  size_t bytes_left;
  unsigned requests;
  int64_t deadline;
  jmp_buf escape;
} brevdue_html_arena;

static inline int64_t brevdue_html_cpu_time(void) {
  struct timespec time;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static inline void *brevdue_html_allocate(void *userdata, size_t size) {
  brevdue_html_arena *arena = (brevdue_html_arena *)userdata;
  size = (size + 15) & ~(size_t)15;
  if ((++arena->requests & 1023) == 0 && brevdue_html_cpu_time() > arena->deadline) longjmp(arena->escape, 1);
  if (size > arena->room) {
    size_t capacity = size > 64 * 1024 ? size : 64 * 1024;  // below malloc's threshold for mmap
    if (capacity > arena->bytes_left) longjmp(arena->escape, 1);
    brevdue_html_block *block = (brevdue_html_block *)malloc(sizeof(brevdue_html_block) + capacity);
    if (!block) longjmp(arena->escape, 1);
    arena->bytes_left -= capacity;
    block->next = arena->blocks;
    arena->blocks = block;
    arena->position = (char *)block->start;
    arena->room = capacity;
  }
  void *result = arena->position;
  arena->position += size;
  arena->room -= size;
  return result;
}

static inline void brevdue_html_deallocate(void *userdata, void *pointer) {
  (void)userdata;
  (void)pointer;
}

/// An empty arena; NULL when there is no memory.
static inline brevdue_html_arena *brevdue_html_arena_new(void) {
  return (brevdue_html_arena *)calloc(1, sizeof(brevdue_html_arena));
}

/// Frees the arena with all trees in it.
static inline void brevdue_html_arena_free(brevdue_html_arena *arena) {
  brevdue_html_block *block = arena->blocks;
  while (block) {
    brevdue_html_block *next = block->next;
    free(block);
    block = next;
  }
  free(arena);
}

/// The tree of a document; NULL when it takes more bytes or more processor time than it may.
static __attribute__((noinline, unused)) GumboOutput *brevdue_html_parse(
    brevdue_html_arena *arena, const char *html, size_t length, size_t byte_limit, int64_t nanoseconds) {
  GumboOptions options = kGumboDefaultOptions;
  options.allocator = brevdue_html_allocate;
  options.deallocator = brevdue_html_deallocate;
  options.userdata = arena;
  options.max_errors = 0;
  arena->bytes_left = byte_limit;
  arena->deadline = brevdue_html_cpu_time() + nanoseconds;
  if (setjmp(arena->escape)) return NULL;
  return gumbo_parse_with_options(&options, html, length);
}
