//! The checks, the facts and the judgement behind apim-probe.
