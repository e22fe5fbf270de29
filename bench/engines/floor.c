/* The floor: a tandem of five stations of three servers, hard-wired, with keyed draws and records. */
#include <stdint.h>
#include <stdlib.h>
#include <math.h>
#include <stdio.h>
#include <time.h>
typedef uint64_t u64; typedef int64_t i64;
static inline u64 mix(u64 x){x=(x^(x>>30))*0xBF58476D1CE4E5B9ull;x=(x^(x>>27))*0x94D049BB133111EBull;return x^(x>>31);}
static inline u64 nth(u64 b,u64 n){return mix(b+n*0x9E3779B97F4A7C15ull);}
static inline double draw(u64 s,u64 t){u64 x=mix(mix(s^t)+s);return ((double)(x>>11)+0.5)/9007199254740992.0;}
typedef struct {i64 time; u64 key;} Ev;
#define STATIONS 5
#define SERVERS 3
static Ev heap[1<<16]; static int size; static u64 seq;
static inline void push(i64 t,u64 id){u64 k=(seq++<<24)|id;int i=size++;while(i){int p=(i-1)>>1;if(heap[p].time<t||(heap[p].time==t&&heap[p].key<k))break;heap[i]=heap[p];i=p;}heap[i].time=t;heap[i].key=k;}
static inline Ev pop(void){Ev r=heap[0];Ev x=heap[--size];int i=0;for(;;){int c=2*i+1;if(c>=size)break;if(c+1<size&&(heap[c+1].time<heap[c].time||(heap[c+1].time==heap[c].time&&heap[c+1].key<heap[c].key)))c++;if(x.time<heap[c].time||(x.time==heap[c].time&&x.key<heap[c].key))break;heap[i]=heap[c];i=c;}heap[i]=x;return r;}
typedef struct {u64 trip; int next, station; i64 at;} Trip;
static Trip trips[1<<16]; static int freel;
static i64 rec[8192][2]; static int nrec; static u64 check;
static inline void emit(i64 t,u64 id,u64 code){if(nrec==8192){nrec=0;}rec[nrec][0]=t;rec[nrec][1]=(i64)(id<<32|code);nrec++;}
int main(int argc,char**argv){
 i64 n=atoll(argv[1]); double rate=10.0/3.6e9, mean=0.24*3.6e9; u64 key[STATIONS]; for(int i=0;i<STATIONS;i++)key[i]=mix(i+77);
 int head[STATIONS],tail[STATIONS],busy[STATIONS]; for(int i=0;i<STATIONS;i++){head[i]=-1;busy[i]=0;}
 for(int i=0;i<(1<<16);i++)trips[i].next=i+1; freel=0;
 u64 flow=mix(4242+(argc>2?(u64)atoll(argv[2]):0)); i64 k=0, events=0; double sum=0; i64 wait=0; u64 ARR=0x5A17D3C94B0E6F21ull;
 struct timespec a,b; clock_gettime(CLOCK_PROCESS_CPUTIME_ID,&a);
 u64 trip=nth(flow,0); sum-=log(1-draw(ARR,trip)); push((i64)(sum/rate),0);
 i64 now=0, served=0;
 while(size){ Ev e=pop(); now=e.time; events++; int id=(int)(e.key&0xFFFFFF);
  int s;
  if(id==0){ id=freel; freel=trips[id].next; trips[id].trip=trip; trips[id].station=0; emit(now,id+1,0); k++;
    if(k<n){ trip=nth(flow,k); sum-=log(1-draw(ARR,trip)); push((i64)(sum/rate),0);} s=0;
  } else { id--; s=trips[id].station; emit(now,id+1,2*s+2);
    int h=head[s];
    if(h>=0){ head[s]=trips[h].next; wait+=now-trips[h].at; emit(now,h+1,2*s+3); served++; push(now+(i64)(-mean*log(1-draw(key[s],trips[h].trip))+0.5),h+1);} else busy[s]--;
    s++; if(s==STATIONS){ emit(now,id+1,99); trips[id].next=freel; freel=id; continue;}
    trips[id].station=s; }
  if(busy[s]<SERVERS){busy[s]++; served++; push(now+(i64)(-mean*log(1-draw(key[s],trips[id].trip))+0.5),id+1);}
  else { trips[id].at=now; trips[id].next=-1; if(head[s]<0)head[s]=id; else trips[tail[s]].next=id; tail[s]=id; }
 }
 clock_gettime(CLOCK_PROCESS_CPUTIME_ID,&b); double ns=((b.tv_sec-a.tv_sec)*1e9+(b.tv_nsec-a.tv_nsec))/events;
 printf("{\"ns\": %.3f, \"events\": %ld, \"mean_h\": %.6f}\n",ns,(long)events,wait/3.6e9/n+5*0.24);
}
