//! Where the bytes of a text that was changed come from.

use std::num::NonZeroU32;

/// Pieces of the changed text, in order.
#[derive(Default)]
pub struct Trace {
    pieces: Vec<Piece>,
}

struct Piece {
    /// Where it begins in the changed text.
    at: u32,
    /// Where it begins in the text that was.
    start: u32,
    /// Where it ends there, if each of its bytes comes from all of that; else each comes from one byte.
    end: Option<NonZeroU32>,
}

/// A place in the text. Text of 4 GiB or more is not handed in.
fn place(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

impl Trace {
    /// From `at` on the changed text is the text from `start` on.
    pub fn copied(&mut self, at: usize, start: usize) {
        self.pieces.push(Piece {
            at: place(at),
            start: place(start),
            end: None,
        });
    }

    /// From `at` on the changed text stands for the bytes from `start` to `end`.
    pub fn whole(&mut self, at: usize, start: usize, end: usize) {
        self.pieces.push(Piece {
            at: place(at),
            start: place(start),
            end: NonZeroU32::new(place(end)),
        });
    }

    /// What the bytes from `start` to `end` come from.
    pub fn origin(&self, start: usize, end: usize) -> (usize, usize) {
        (self.of(start).0, self.of(end - 1).1)
    }

    fn of(&self, at: usize) -> (usize, usize) {
        let at = place(at);
        let next = self.pieces.partition_point(|piece| piece.at <= at);
        let Some(piece) = next.checked_sub(1).map(|last| &self.pieces[last]) else {
            return (0, 0);
        };
        let (start, end) = if let Some(end) = piece.end {
            (piece.start, end.get())
        } else {
            let start = piece.start + (at - piece.at);
            (start, start + 1)
        };
        (start as usize, end as usize)
    }
}
