"""What pairs of records weigh by a model, and what keeps people apart.

``weighing.pyi`` says what the class takes.
"""

cimport cython


@cython.final
@cython.auto_pickle(False)
cdef class Weighing:
    """A model, ready to weigh records."""

    def __init__(self, PairModel model not None, Evidence evidence not None, dict aging not None,
                 list digests not None, list one_value not None, list one_record not None,
                 double cut, double floor):
        cdef Fading fading
        self.model, self.evidence, self.cut, self.floor = model, evidence, cut, floor
        self.sources, self.digest_names, self.single_names = one_record, [], one_value
        if evidence.width != model.width + 1:
            raise ValueError(f"expected evidence of {model.width + 1} comparisons, got {evidence.width}")
        if <Py_ssize_t>evidence.columns.size() != <Py_ssize_t>model.rarities.size() + 2 * len(aging):
            raise ValueError("expected two adjustments for each comparison that ages, behind those of the model")
        for column, half_life in aging.items():
            fading.column, fading.half_life = column, half_life
            self.fading.push_back(fading)
        for role in digests:
            if role in model.numbers:
                self.digests.push_back(model.numbers[role])
                self.digest_names.append(role)
        for role in one_value:
            self.singles.push_back(model.numbers[role])
