//! Pages of a column, looked at before they are decoded: the crate takes them at their word, and
//! panics on some that only damage can make.

use super::columns::Selected;
use parquet::basic::Encoding;
use parquet::column::page::{Page, PageMetadata, PageReader};
use parquet::errors::{ParquetError, Result};

/// Pages in front of the decoder.
pub(super) struct Pages {
    inner: Box<dyn PageReader>,
    is_optional: bool,
    is_text: bool,
    has_dictionary: bool,
}

impl Pages {
    pub(super) fn new(inner: Box<dyn PageReader>, column: Selected) -> Self {
        let Selected { is_optional, is_text, .. } = column;
        Self { inner, is_optional, is_text, has_dictionary: false }
    }

    fn check(&mut self, page: Page) -> Result<Page> {
        match page {
            Page::DictionaryPage { mut buf, num_values, encoding, is_sorted } => {
                self.has_dictionary = true;
                if self.is_text {
                    buf = end_texts(&buf, 0).into();
                }
                Ok(Page::DictionaryPage { buf, num_values, encoding, is_sorted })
            }
            Page::DataPage {
                mut buf,
                num_values,
                encoding,
                def_level_encoding,
                rep_level_encoding,
                statistics,
            } => {
                self.check_encoding(encoding)?;
                let mut levels = 0;
                if self.is_optional {
                    // Levels that no writer has packed for ten years, and without their length.
                    if def_level_encoding != Encoding::RLE {
                        return Err(damaged("has levels in an unknown encoding"));
                    }
                    let head = buf.first_chunk().ok_or_else(|| damaged("has no levels"))?;
                    levels = size_of::<u32>() + u32::from_le_bytes(*head) as usize;
                }
                if levels > buf.len() {
                    return Err(damaged("is shorter than its levels"));
                }
                if self.is_text && encoding == Encoding::PLAIN {
                    buf = end_texts(&buf, levels).into();
                }
                Ok(Page::DataPage {
                    buf,
                    num_values,
                    encoding,
                    def_level_encoding,
                    rep_level_encoding,
                    statistics,
                })
            }
            Page::DataPageV2 {
                mut buf,
                num_values,
                encoding,
                num_nulls,
                num_rows,
                def_levels_byte_len,
                rep_levels_byte_len,
                is_compressed,
                statistics,
            } => {
                self.check_encoding(encoding)?;
                let levels = def_levels_byte_len as usize + rep_levels_byte_len as usize;
                if levels > buf.len() || num_nulls > num_values {
                    return Err(damaged("is shorter than its levels"));
                }
                if self.is_text && encoding == Encoding::PLAIN {
                    buf = end_texts(&buf, levels).into();
                }
                Ok(Page::DataPageV2 {
                    buf,
                    num_values,
                    encoding,
                    num_nulls,
                    num_rows,
                    def_levels_byte_len,
                    rep_levels_byte_len,
                    is_compressed,
                    statistics,
                })
            }
        }
    }

    fn check_encoding(&self, encoding: Encoding) -> Result<()> {
        let wants_dictionary =
            matches!(encoding, Encoding::PLAIN_DICTIONARY | Encoding::RLE_DICTIONARY);
        if wants_dictionary && !self.has_dictionary {
            return Err(damaged("refers to a dictionary that is not there"));
        }
        // What pyarrow, DuckDB, Spark and Polars write unless told otherwise. The decoders of the
        // others panic on damage.
        if !wants_dictionary && encoding != Encoding::PLAIN {
            return Err(damaged(&format!(
                "is encoded as {encoding}, expected PLAIN or dictionary"
            )));
        }
        Ok(())
    }
}

fn damaged(what: &str) -> ParquetError {
    ParquetError::General(format!("a page {what}"))
}

/// Plain texts, each behind its length, followed by a length that no page can have: whoever looks
/// for one more text than there is finds that it does not fit.
fn end_texts(bytes: &[u8], texts: usize) -> Vec<u8> {
    let mut end = texts;
    while let Some(head) = bytes.get(end..).and_then(<[u8]>::first_chunk) {
        let next = end + size_of::<u32>() + u32::from_le_bytes(*head) as usize;
        if next > bytes.len() {
            break;
        }
        end = next;
    }
    let mut ended = bytes.get(..end).unwrap_or_default().to_vec();
    ended.extend(u32::MAX.to_le_bytes());
    ended
}

impl Iterator for Pages {
    type Item = Result<Page>;

    fn next(&mut self) -> Option<Self::Item> {
        self.get_next_page().transpose()
    }
}

impl PageReader for Pages {
    fn get_next_page(&mut self) -> Result<Option<Page>> {
        self.inner.get_next_page()?.map(|page| self.check(page)).transpose()
    }

    fn peek_next_page(&mut self) -> Result<Option<PageMetadata>> {
        self.inner.peek_next_page()
    }

    fn skip_next_page(&mut self) -> Result<()> {
        self.inner.skip_next_page()
    }

    fn at_record_boundary(&mut self) -> Result<bool> {
        self.inner.at_record_boundary()
    }
}
