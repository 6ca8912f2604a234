/* queue_test: exchanges that have ended, and the descriptor for them.
 * SPDX-License-Identifier: MIT */
#include "check.h"

#include "compat.h"
#include "exchange.h"
#include "queue.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static struct bu_settings *settings;

static int make_settings(void **state)
{
  (void)state;
  settings = bu_settings_new();
  return settings == NULL;
}

static int free_settings(void **state)
{
  (void)state;
  bu_settings_release(settings);
  return 0;
}

/* An exchange that was never sent. It has no queue, like one that the engine
 * has delivered. */
static struct bu_exchange *exchange_of(long id)
{
  struct bu_request request;
  struct bu_error error;
  struct bu_exchange *exchange;

  assert_int_equal(
      bu_request_init(&request, "GET", "https://box.com/", &error), BU_OK);
  exchange = bu_exchange_new(&request, settings);
  assert_non_null(exchange);
  exchange->status = id;
  return exchange;
}

static void assert_takes(struct bu_queue *queue, long id)
{
  struct bu_exchange *exchange = bu_queue_take(queue);

  assert_non_null(exchange);
  assert_int_equal(exchange->status, id);
  bu_exchange_release(exchange);
}

static struct bu_queue *new_queue(struct bu_queue *parent)
{
  struct bu_error error;
  struct bu_queue *queue = bu_queue_new(parent, &error);

  assert_non_null(queue);
  return queue;
}

static void test_first_in_first_out(void **state)
{
  struct bu_queue *queue = new_queue(NULL);
  long i;

  (void)state;
  assert_null(bu_queue_take(queue));
  for(i = 1; i <= 3; i++)
    bu_queue_put(queue, exchange_of(i));
  assert_takes(queue, 1);
  bu_queue_put(queue, exchange_of(4));
  for(i = 2; i <= 4; i++)
    assert_takes(queue, i);
  assert_null(bu_queue_take(queue));
  bu_queue_release(queue);
}

static void test_descriptor_is_readable_while_not_empty(void **state)
{
  struct bu_queue *queue = new_queue(NULL);
  int descriptor = bu_queue_descriptor(queue);

  (void)state;
  assert_int_equal(bu_queue_descriptor(queue), descriptor);
  assert_int_equal(fcntl(descriptor, F_GETFD), FD_CLOEXEC);
  assert_false(check_readable(descriptor));
  bu_queue_put(queue, exchange_of(1));
  bu_queue_put(queue, exchange_of(2));
  assert_true(check_readable(descriptor));
  assert_takes(queue, 1);
  assert_true(check_readable(descriptor));
  assert_takes(queue, 2);
  assert_false(check_readable(descriptor));
  bu_queue_release(queue);
}

/* Of a queue that was made before a fork, in the child: 0 when it has a
 * descriptor of its own there, or the code of the refusal. */
static int child_has_its_own(struct bu_queue *queue)
{
  pid_t child = fork();
  int status = -1;

  if(child == 0) {
    struct bu_error error;

    if(bu_queue_enter(queue, &error) != BU_OK)
      _exit((int)error.code);
    bu_queue_wake(queue);
    _exit(check_readable(bu_queue_descriptor(queue)) ? 0 : 255);
  }
  assert_int_equal(waitpid(child, &status, 0), child);
  return WEXITSTATUS(status);
}

static void test_a_child_process_has_its_own_descriptor(void **state)
{
  struct bu_queue *parent = new_queue(NULL);
  struct bu_queue *queue = new_queue(parent);

  (void)state;
  assert_int_equal(child_has_its_own(queue), 0);
  assert_false(check_readable(bu_queue_descriptor(queue)));
  assert_false(check_readable(bu_queue_descriptor(parent)));
  bu_queue_open_to_threads(queue);
  assert_int_equal(child_has_its_own(queue), BU_EFORKED);
  assert_int_equal(child_has_its_own(parent), BU_EFORKED);
  bu_queue_release(queue);
  bu_queue_release(parent);
}

static void test_without_descriptors_there_is_no_queue(void **state)
{
  struct rlimit before, none;
  struct bu_error error;

  (void)state;
  assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
  none = before;
  none.rlim_cur = 0;
  assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
  assert_null(bu_queue_new(NULL, &error));
  assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
  assert_int_equal(error.code, BU_EDESCRIPTORS);
}

static void test_a_parent_tells_of_its_children(void **state)
{
  struct bu_queue *parent = new_queue(NULL);
  struct bu_queue *a = new_queue(parent);
  struct bu_queue *b = new_queue(parent);
  int descriptor = bu_queue_descriptor(parent);

  (void)state;
  bu_queue_put(a, exchange_of(1));
  bu_queue_put(a, exchange_of(2));
  bu_queue_put(b, exchange_of(3));
  assert_true(check_readable(descriptor));
  assert_null(bu_queue_take(parent));
  assert_takes(a, 1);
  assert_takes(b, 3);
  assert_true(check_readable(descriptor));
  assert_false(check_readable(bu_queue_descriptor(b)));
  assert_takes(a, 2);
  assert_false(check_readable(descriptor));
  bu_queue_release(a);
  bu_queue_release(b);
  bu_queue_release(parent);
}

/* A queue that is freed must not leave its parent readable. */
static void test_release_takes_what_is_left(void **state)
{
  struct bu_queue *parent = new_queue(NULL);
  struct bu_queue *child = new_queue(parent);
  int descriptor = bu_queue_descriptor(parent);

  (void)state;
  bu_queue_put(child, exchange_of(1));
  bu_queue_put(child, exchange_of(2));
  assert_true(check_readable(descriptor));
  bu_queue_release(child);
  assert_false(check_readable(descriptor));
  bu_queue_release(parent);
  bu_queue_release(NULL);
}

static void test_woken_it_is_readable_until_the_next_take(void **state)
{
  struct bu_queue *top = new_queue(NULL);
  struct bu_queue *middle = new_queue(top);
  struct bu_queue *queue = new_queue(middle);
  int descriptor = bu_queue_descriptor(queue);

  (void)state;
  bu_queue_wake(queue);
  bu_queue_wake(queue);
  assert_true(check_readable(descriptor));
  assert_true(check_readable(bu_queue_descriptor(top)));
  assert_null(bu_queue_take(queue));
  assert_false(check_readable(descriptor));
  assert_false(check_readable(bu_queue_descriptor(top)));
  bu_queue_wake(queue);
  bu_queue_put(queue, exchange_of(1));
  bu_queue_put(queue, exchange_of(2));
  assert_takes(queue, 1);
  assert_true(check_readable(bu_queue_descriptor(middle)));
  assert_takes(queue, 2);
  assert_false(check_readable(descriptor));
  bu_queue_wake(queue);
  bu_queue_release(queue);
  assert_false(check_readable(bu_queue_descriptor(top)));
  bu_queue_release(middle);
  bu_queue_release(top);
}

static void test_wait(void **state)
{
  struct bu_queue *queue = new_queue(NULL);
  struct bu_error error;
  double before = bu_now();

  (void)state;
  assert_int_equal(bu_queue_wait(queue, 0, &error), 0);
  assert_int_equal(bu_queue_wait(queue, 0.02, &error), 0);
  assert_true(bu_now() - before >= 0.02);
  bu_queue_put(queue, exchange_of(1));
  assert_int_equal(bu_queue_wait(queue, 0, &error), 1);
  assert_int_equal(bu_queue_wait(queue, -1, &error), 1);
  assert_int_equal(bu_queue_wait(queue, 1e300, &error), 1);
  bu_queue_release(queue);
}

static void *put_one(void *argument)
{
  bu_queue_put(argument, exchange_of(7));
  return NULL;
}

static void test_wait_ends_when_a_thread_puts(void **state)
{
  struct bu_queue *queue = new_queue(NULL);
  struct bu_error error;
  pthread_t thread;

  (void)state;
  assert_int_equal(bu_thread_start(&thread, put_one, queue), 0);
  assert_int_equal(bu_queue_wait(queue, -1, &error), 1);
  assert_takes(queue, 7);
  assert_int_equal(pthread_join(thread, NULL), 0);
  bu_queue_release(queue);
}

static pthread_t waiter;
static int waited; /* atomic */

static void on_signal(int number)
{
  (void)number;
}

/* Sends signals until the wait is over: the first may come before it began. */
static void *interrupt(void *argument)
{
  const struct timespec moment = {0, 1000000};

  (void)argument;
  while(!bu_atomic_load(&waited)) {
    (void)pthread_kill(waiter, SIGUSR1);
    (void)nanosleep(&moment, NULL);
  }
  return NULL;
}

static void test_wait_ends_when_a_signal_comes(void **state)
{
  struct bu_queue *queue = new_queue(NULL);
  struct sigaction action;
  struct bu_error error;
  pthread_t thread;

  (void)state;
  memset(&action, 0, sizeof(action));
  action.sa_handler = on_signal;
  action.sa_flags = SA_RESTART;
  assert_int_equal(sigaction(SIGUSR1, &action, NULL), 0);
  waiter = pthread_self();
  assert_int_equal(bu_thread_start(&thread, interrupt, NULL), 0);
  assert_int_equal(bu_queue_wait(queue, -1, &error), 0);
  bu_atomic_store(&waited, 1);
  assert_int_equal(pthread_join(thread, NULL), 0);
  bu_queue_release(queue);
}

#define EACH 500

static void *put_many(void *argument)
{
  long i;

  for(i = 0; i < EACH; i++)
    bu_queue_put(argument, exchange_of(i));
  return NULL;
}

static void test_many_threads_put(void **state)
{
  struct bu_queue *parent = new_queue(NULL);
  struct bu_queue *queue = new_queue(parent);
  struct bu_error error;
  pthread_t threads[4];
  int taken = 0;
  int i;

  (void)state;
  for(i = 0; i < 4; i++)
    assert_int_equal(bu_thread_start(&threads[i], put_many, queue), 0);
  while(taken < 4 * EACH) {
    struct bu_exchange *exchange;

    assert_int_equal(bu_queue_wait(parent, -1, &error), 1);
    exchange = bu_queue_take(queue);
    taken += exchange != NULL;
    bu_exchange_release(exchange);
  }
  for(i = 0; i < 4; i++)
    assert_int_equal(pthread_join(threads[i], NULL), 0);
  assert_false(check_readable(bu_queue_descriptor(parent)));
  assert_false(check_readable(bu_queue_descriptor(queue)));
  bu_queue_release(queue);
  bu_queue_release(parent);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_first_in_first_out),
      cmocka_unit_test(test_descriptor_is_readable_while_not_empty),
      cmocka_unit_test(test_a_child_process_has_its_own_descriptor),
      cmocka_unit_test(test_without_descriptors_there_is_no_queue),
      cmocka_unit_test(test_a_parent_tells_of_its_children),
      cmocka_unit_test(test_release_takes_what_is_left),
      cmocka_unit_test(test_woken_it_is_readable_until_the_next_take),
      cmocka_unit_test(test_wait),
      cmocka_unit_test(test_wait_ends_when_a_thread_puts),
      cmocka_unit_test(test_wait_ends_when_a_signal_comes),
      cmocka_unit_test(test_many_threads_put)};

  check_watchdog();
  return cmocka_run_group_tests(tests, make_settings, free_settings);
}
