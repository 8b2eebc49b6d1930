#include <math.h>

#include "bench/output.h"

static void number(FILE *out, double value) {
    if (isnan(value)) {
        fputc(',', out);
    } else {
        fprintf(out, ",%.9g", value);
    }
}

static void write_row(FILE *out, const row *r) {
    const double figures[] = {r->m.time.min,
                              r->m.time.median,
                              r->m.time.p90,
                              row_per_second(r),
                              row_others_per_second(r),
                              row_ratio(r),
                              row_kernel_fraction(r),
                              row_roof(r),
                              r->ifmas > 0 ? r->ifmas : NAN,
                              r->m.peak > 0 ? r->m.peak : NAN,
                              r->bytes > 0 ? r->bytes : NAN,
                              row_correlation(r)};
    fprintf(out, "%s,%u,%u,%s,%u,%s,%s,%zu,%zu", r->op->name, r->bits, r->degree, r->backend, r->threads, r->op->unit,
            r->op->other_unit == NULL ? "" : r->op->other_unit, r->m.count, r->m.samples);
    for (size_t i = 0; i < sizeof figures / sizeof *figures; i++) {
        number(out, figures[i]);
    }
    fprintf(out, ",%zu,%d\n", r->d.samples, r->m.noisy);
}

bool csv_write(FILE *out, const results *r) {
    fputs("op,bits,degree,backend,threads,unit,other_unit,count,samples,min_s,median_s,p90_s,per_second,"
          "others_per_second,ratio_to_textbook,kernel_fraction,roof_fraction,roof_ifmas,peak_ifmas_per_second,bytes,"
          "density_r,density_samples,noisy\n",
          out);
    for (size_t i = 0; i < r->count; i++) {
        write_row(out, &r->rows[i]);
    }
    return ferror(out) == 0;
}
