# gather: build, test, install. `make help` lists the targets.

VERSION  := 0.1.0
MODE     ?= release
PREFIX   ?= /usr/local
DESTDIR  ?=
B        := build/$(MODE)

CC       ?= cc
AR       ?= ar
PKGS     := libcurl libcjson
WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes -Wvla
CPPFLAGS += -D_GNU_SOURCE -DGATHER_VERSION='"$(VERSION)"' -Isrc
CFLAGS_release := -O2 -g
CFLAGS_debug   := -O0 -g
CFLAGS_asan    := -O1 -g -fsanitize=address,undefined -fno-omit-frame-pointer -fno-sanitize-recover=undefined
CFLAGS_tsan    := -O1 -g -fsanitize=thread
CFLAGS_cov     := -O0 -g --coverage
ifeq ($(CFLAGS_$(MODE)),)
$(error MODE=$(MODE): one of release debug asan tsan cov)
endif
# What a user gives in CFLAGS comes last, so that it wins.
ALL_CFLAGS = -std=c11 -pthread $(WARNINGS) $(CFLAGS_$(MODE)) $(shell pkg-config --cflags $(PKGS)) $(CFLAGS)
# Debian's libev has no .pc file.
ALL_LIBS   = $(shell pkg-config --libs $(PKGS)) -lev -lm $(LIBS)

SRC  := $(sort $(wildcard src/*/*.c))
OBJ  := $(SRC:src/%.c=$(B)/%.o)
MAIN := $(B)/cli/main.o
LIB  := $(B)/libgather.a
UNIT := $(patsubst tests/unit/%.c,$(B)/unit/%,$(sort $(wildcard tests/unit/test_*.c)))

all: $(B)/gather

$(B)/gather: $(MAIN) $(LIB)
	$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(ALL_LIBS)

$(LIB): $(filter-out $(MAIN),$(OBJ))
	@rm -f $@
	$(AR) rcs $@ $^

$(B)/%.o: src/%.c Makefile
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(CPPFLAGS) -MMD -MP -c -o $@ $<

$(B)/unit/%: tests/unit/%.c $(LIB)
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(CPPFLAGS) -Itests/unit -MMD -MP -o $@ $< $(LIB) $(LDFLAGS) $(shell pkg-config --cflags --libs cmocka) $(ALL_LIBS)

-include $(OBJ:.o=.d) $(UNIT:=.d)

unit: $(UNIT)
	@set -e; for test in $(UNIT); do $$test; done

.PHONY: all unit
