/* Times as text: UTC, to the second, years 1970 to 9999. Days are counted from dates by the calendar's rule alone. */
#include <stdio.h>

#include "aggregate/note/note.h"

#define DAY INT64_C(86400)

static bool is_leap(int64_t year) {
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static unsigned month_days(int64_t year, unsigned month) {
    static const unsigned days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return days[month - 1] + (month == 2 && is_leap(year));
}

/* Days from 1970-01-01 to the first of January. */
static int64_t days_before_year(int64_t year) {
    int64_t past = year - 1;
    return 365 * (year - 1970) + (past / 4 - past / 100 + past / 400) - (1969 / 4 - 1969 / 100 + 1969 / 400);
}

void vs_time_to_text(char out[VS_TIME_BYTES], int64_t time) {
    VS_CHECK(time >= 0 && time < days_before_year(10000) * DAY);
    int64_t day = time / DAY, second = time % DAY, year = 1970 + day / 366;
    unsigned month = 1;
    while (days_before_year(year + 1) <= day) {
        year++;
    }
    day -= days_before_year(year);
    for (; day >= month_days(year, month); month++) {
        day -= month_days(year, month);
    }
    char text[64];
    snprintf(text, sizeof text, "%04u-%02u-%02uT%02u:%02u:%02uZ", (unsigned)year, month, (unsigned)day + 1,
             (unsigned)(second / 3600), (unsigned)(second / 60 % 60), (unsigned)(second % 60));
    for (size_t i = 0; i < VS_TIME_BYTES; i++) {
        out[i] = text[i];
    }
}

/* `count` digits at `text`. */
static bool read_digits(const char *text, unsigned count, unsigned *value) {
    *value = 0;
    for (unsigned i = 0; i < count; i++) {
        unsigned digit = (unsigned)(unsigned char)text[i] - '0';
        if (digit > 9) {
            return false;
        }
        *value = 10 * *value + digit;
    }
    return true;
}

bool vs_day_from_text(int64_t *time, const char *text, size_t len) {
    unsigned year, month, day;
    if (len != 10 || text[4] != '-' || text[7] != '-' || !read_digits(text, 4, &year) ||
        !read_digits(text + 5, 2, &month) || !read_digits(text + 8, 2, &day) || year < 1970 || month < 1 ||
        month > 12 || day < 1 || day > month_days(year, month)) {
        return false;
    }
    int64_t days = days_before_year(year) + day - 1;
    for (unsigned m = 1; m < month; m++) {
        days += month_days(year, m);
    }
    *time = days * DAY;
    return true;
}

bool vs_time_from_text(int64_t *time, const char *text, size_t len) {
    unsigned hour, minute, second;
    if (len != VS_TIME_BYTES - 1 || !vs_day_from_text(time, text, 10) || text[10] != 'T' || text[13] != ':' ||
        text[16] != ':' || text[19] != 'Z' || !read_digits(text + 11, 2, &hour) ||
        !read_digits(text + 14, 2, &minute) || !read_digits(text + 17, 2, &second) || hour > 23 || minute > 59 ||
        second > 59) {
        return false;
    }
    *time += (int64_t)hour * 3600 + minute * 60 + second;
    return true;
}
