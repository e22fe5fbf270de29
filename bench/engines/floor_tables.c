/* The floor for the border and the corridor: one loop in C over a table of steps, with shifts and vessels, the same
   keyed draws and the same records. Run: floor_tables MODEL TRIPS SEED */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef uint64_t u64;
typedef int64_t i64;
enum { SERVE, TRAVEL, BRANCH, BOARD, LEAVE };
enum { EXPONENTIAL, UNIFORM };
typedef struct { int op, arg, next, kind; double a, b; u64 key; } Step;
typedef struct { i64 time; u64 key; } Event;
typedef struct { u64 trip; i64 born; int next, step; } Trip;

static const double HOUR = 3.6e9;
static Step steps[32];
static int nsteps, nstations, capacity[16], day[16], night[16], busy[16], head[16], tail[16];
static int shifts, vessels = 3, idle, deck = 40, waiting, cargo = -1, cargo_tail, aboard[8], freelist;
static u64 vessel_key[8], rounds[8], sequence;
static Event heap[1 << 18];
static int size;
static Trip trips[1 << 18];
static i64 records[8192][2], now, events, ended, written;
static double total;

static inline u64 mix(u64 x) {
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ull;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBull;
  return x ^ (x >> 31);
}
static inline u64 nth(u64 base, u64 n) { return mix(base + n * 0x9E3779B97F4A7C15ull); }
static inline double draw(u64 stage, u64 trip) {
  return ((double)(mix(mix(stage ^ trip) + stage) >> 11) + 0.5) / 9007199254740992.0;
}
static inline i64 hours(const Step *s, u64 trip) {
  double u = draw(s->key, trip);
  return (i64)((s->kind == EXPONENTIAL ? -s->a * log(1 - u) : s->a + (s->b - s->a) * u) * HOUR + 0.5);
}
static inline int before(Event x, Event y) { return x.time < y.time || (x.time == y.time && x.key < y.key); }
static inline void push(i64 time, u64 id) {
  Event e = {time, sequence++ << 24 | id};
  int i = size++;
  while (i && before(e, heap[(i - 1) >> 1])) { heap[i] = heap[(i - 1) >> 1]; i = (i - 1) >> 1; }
  heap[i] = e;
}
static inline Event pop(void) {
  Event first = heap[0], last = heap[--size];
  int i = 0;
  for (;;) {
    int c = 2 * i + 1;
    if (c >= size) break;
    if (c + 1 < size && before(heap[c + 1], heap[c])) c++;
    if (before(last, heap[c])) break;
    heap[i] = heap[c];
    i = c;
  }
  heap[i] = last;
  return first;
}
static inline void emit(i64 time, u64 id, u64 code) {
  records[written & 8191][0] = time;
  records[written++ & 8191][1] = (i64)(id << 32 | code);
}
static int add(int op, int arg, int kind, double a, double b) {
  Step s = {op, arg, nsteps + 1, kind, a, b, mix(1000 + nsteps)};
  steps[nsteps] = s;
  return nsteps++;
}
static int station(int by_day, int by_night) {
  day[nstations] = by_day; night[nstations] = by_night; capacity[nstations] = by_night; head[nstations] = -1;
  return nstations++;
}
enum { ARRIVAL, SHIFT, VESSEL, FIRST = 16 };
static inline void serve(int id, int r, int waited) {
  busy[r]++;
  if (waited) emit(now, id, trips[id].step * 2 + 1);
  push(now + hours(&steps[trips[id].step], trips[id].trip), id + FIRST);
}
static inline void offer(int r) {
  while (head[r] >= 0 && busy[r] < capacity[r]) { int id = head[r]; head[r] = trips[id].next; serve(id, r, 1); }
}
static void sail(void) {
  while (idle > 0 && waiting >= deck) {
    int v = --idle, last = cargo;
    for (int i = 1; i < deck; i++) last = trips[last].next;
    aboard[v] = cargo; cargo = trips[last].next; trips[last].next = -1; waiting -= deck;
    u64 luck = nth(vessel_key[v], rounds[v]++);
    push(now + (i64)((14 + 8 * draw(11, luck)) * HOUR), VESSEL + v);
  }
}
static void go(int id) {
  Trip *t = &trips[id];
  for (;;) {
    Step *s = &steps[t->step];
    if (s->op == BRANCH) {
      double u = draw(s->key, t->trip);
      t->step = u < s->a ? s->arg : u < s->b ? s->kind : s->next;
    } else if (s->op == SERVE) {
      int r = s->arg;
      if (busy[r] < capacity[r] && head[r] < 0) serve(id, r, 0);
      else { t->next = -1; if (head[r] < 0) head[r] = id; else trips[tail[r]].next = id; tail[r] = id; }
      return;
    } else if (s->op == TRAVEL) {
      push(now + hours(s, t->trip), id + FIRST);
      return;
    } else if (s->op == BOARD) {
      t->next = -1;
      if (cargo < 0) cargo = id; else trips[cargo_tail].next = id;
      cargo_tail = id; waiting++;
      sail();
      return;
    } else {
      emit(now, id, t->step * 2);
      total += (now - t->born) / HOUR; ended++;
      t->next = freelist; freelist = id;
      return;
    }
  }
}
static void border(void) {
  shifts = 1;
  int documents = station(6, 3), xray = station(2, 2), physical = station(6, 0);
  add(SERVE, documents, EXPONENTIAL, 0.2, 0);
  int branch = add(BRANCH, 0, 0, 0.2, 0.3);
  steps[branch].arg = add(SERVE, xray, UNIFORM, 0.1, 0.4);
  steps[branch].kind = add(SERVE, physical, EXPONENTIAL, 1.0, 0);
  int leave = add(LEAVE, 0, 0, 0, 0);
  steps[branch].next = steps[branch].kind + 1;
  steps[steps[branch].arg].next = leave;
}
static void corridor(void) {
  add(SERVE, station(4, 4), EXPONENTIAL, 1.5, 0);
  add(TRAVEL, 0, UNIFORM, 10, 24);
  add(SERVE, station(3, 3), EXPONENTIAL, 1.0, 0);
  int branch = add(BRANCH, 0, 0, 0.2, 0.2);
  steps[branch].arg = add(SERVE, station(1, 1), UNIFORM, 0.5, 2.0);
  steps[branch].next = steps[branch].kind = add(TRAVEL, 0, UNIFORM, 8, 20);
  add(SERVE, station(2, 2), EXPONENTIAL, 0.8, 0);
  add(TRAVEL, 0, UNIFORM, 6, 16);
  add(SERVE, station(3, 3), EXPONENTIAL, 1.0, 0);
  add(BOARD, 0, 0, 0, 0);
  add(SERVE, station(4, 4), EXPONENTIAL, 1.0, 0);
  add(TRAVEL, 0, UNIFORM, 10, 24);
  add(SERVE, station(2, 2), EXPONENTIAL, 0.5, 0);
  add(LEAVE, 0, 0, 0, 0);
  idle = vessels;
  for (int v = 0; v < vessels; v++) vessel_key[v] = mix(900 + v);
}
int main(int argc, char **argv) {
  int is_border = argc > 1 && !strcmp(argv[1], "border");
  i64 most = argc > 2 ? atoll(argv[2]) : 100000, came = 0;
  u64 flow = mix(4242 + (argc > 3 ? (u64)atoll(argv[3]) : 0)), arriving = 0x5A17D3C94B0E6F21ull;
  if (is_border) border(); else corridor();
  double rate = (is_border ? 20.0 : 2.0) / HOUR, sum = 0;
  for (int i = 0; i < (1 << 18); i++) trips[i].next = i + 1;
  u64 next = nth(flow, 0);
  sum -= log(1 - draw(arriving, next));
  push((i64)(sum / rate), ARRIVAL);
  if (shifts) push((i64)(8 * HOUR), SHIFT);
  int is_day = 0, home[8] = {0};
  struct timespec a, b;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &a);
  while (size && (came < most || ended < came - deck * (1 + !is_border))) {
    Event e = pop();
    int id = (int)(e.key & 0xFFFFFF);
    now = e.time; events++;
    if (id == ARRIVAL) {
      int t = freelist;
      freelist = trips[t].next;
      trips[t].trip = next; trips[t].born = now; trips[t].step = 0;
      emit(now, t, 0);
      if (++came < most) {
        next = nth(flow, came);
        sum -= log(1 - draw(arriving, next));
        push((i64)(sum / rate), ARRIVAL);
      }
      go(t);
    } else if (id == SHIFT) {
      is_day = !is_day;
      for (int r = 0; r < nstations; r++) { capacity[r] = is_day ? day[r] : night[r]; offer(r); }
      push(now + (i64)(12 * HOUR), SHIFT);
    } else if (id < FIRST) {
      int v = id - VESSEL;
      if (!home[v]) {
        home[v] = 1;
        push(now + (i64)((14 + 8 * draw(12, nth(vessel_key[v], rounds[v]++))) * HOUR), VESSEL + v);
        for (int t = aboard[v]; t >= 0;) {
          int after = trips[t].next;
          emit(now, t, trips[t].step * 2);
          trips[t].step = steps[trips[t].step].next;
          go(t);
          t = after;
        }
      } else {
        home[v] = 0;
        /* the vessel that is back takes the place of the last idle one */
        int other = idle++;
        if (other != v) { u64 k = vessel_key[v], n = rounds[v]; vessel_key[v] = vessel_key[other]; rounds[v] = rounds[other];
          vessel_key[other] = k; rounds[other] = n;
          for (int i = 0; i < size; i++) if ((heap[i].key & 0xFFFFFF) == (u64)(VESSEL + other)) heap[i].key += v - other;
          aboard[v] = aboard[other]; home[v] = home[other]; home[other] = 0; }
        sail();
      }
    } else {
      id -= FIRST;
      Step *s = &steps[trips[id].step];
      emit(now, id, trips[id].step * 2);
      if (s->op == SERVE) { busy[s->arg]--; offer(s->arg); }
      trips[id].step = s->next;
      go(id);
    }
  }
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &b);
  double ns = ((b.tv_sec - a.tv_sec) * 1e9 + (b.tv_nsec - a.tv_nsec)) / events;
  printf("{\"ns\": %.3f, \"events\": %lld, \"mean_h\": %.6f}\n", ns, (long long)events, total / ended);
}
