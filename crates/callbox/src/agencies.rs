//! The agencies that a process serves: what their feed profiles say, and what the configuration adds.
//!
//! Each service gets only its part: ingest the slugs, redact the jurisdictions, classify the code maps, notify the names
//! and policies.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use callbox_classify::AgencyMap;
use callbox_ingest::feed::Profile;
use callbox_notify::config::{AgencyConfig, LabelConfig};
use callbox_place::Jurisdiction;
use callbox_proto::domain::AgencyId;
use callbox_redact::service::AgencyRules;
use callbox_service::config::Reader;

use crate::tools::map;

/// What every service needs to know of one agency, together.
#[derive(Clone)]
pub(crate) struct Agency {
    /// Where its calls can be.
    pub jurisdiction: Jurisdiction,
    /// What its call types mean.
    pub code_map: Option<PathBuf>,
    /// Whether its scrubbed narratives go to classify.
    pub narratives: bool,
    /// Its public names and its policy.
    pub public: AgencyConfig,
}

/// The agencies by slug.
#[derive(Clone, Default)]
pub(crate) struct Agencies(BTreeMap<AgencyId, Agency>);

impl Agencies {
    /// Adds an agency.
    ///
    /// # Errors
    /// If there is one of that slug.
    pub(crate) fn add(&mut self, id: AgencyId, agency: Agency) -> Result<()> {
        if self.0.contains_key(&id) {
            bail!("two feed profiles are of the agency {id}");
        }
        self.0.insert(id, agency);
        Ok(())
    }

    /// Adds the agency of a feed profile.
    ///
    /// # Errors
    /// If there is one of that slug.
    pub(crate) fn add_profile(&mut self, profile: &Profile) -> Result<()> {
        let public = AgencyConfig {
            name: profile.name.clone(),
            time_zone: profile.time_zone.clone(),
            place_label: profile.name.clone(),
            freshness_minutes: callbox_notify::config::FRESHNESS_MINUTES,
            expires_hours: callbox_notify::config::EXPIRES_HOURS,
            labels: Vec::new(),
        };
        let agency = Agency {
            jurisdiction: profile.jurisdiction.clone(),
            code_map: profile.code_map.clone(),
            narratives: true,
            public,
        };
        self.add(profile.agency.clone(), agency)
    }

    /// Adds the agency of a profile's file, or those of a folder's files.
    ///
    /// # Errors
    /// If one cannot be read or is no profile.
    pub(crate) fn add_profiles(&mut self, path: &Path) -> Result<()> {
        if !path.is_dir() {
            return self.add_profile(&Profile::load(path)?);
        }
        let entries = fs::read_dir(path).with_context(|| format!("{} cannot be read", path.display()))?;
        let mut files: Vec<PathBuf> = entries
            .filter_map(|entry| entry.ok().map(|entry| entry.path()))
            .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
            .collect();
        files.sort();
        files.iter().try_for_each(|file| self.add_profile(&Profile::load(file)?))
    }

    /// Applies what the configuration says in `[agencies.<slug>]`.
    pub(crate) fn configure(&mut self, reader: &mut Reader) {
        for name in reader.names("agencies") {
            let known = name.parse::<AgencyId>().is_ok_and(|id| self.0.contains_key(&id));
            if !known {
                reader.mistake(&format!("agencies.{name}"), "no feed profile is of this agency");
            }
        }
        for (id, agency) in &mut self.0 {
            let key = |field: &str| format!("agencies.{id}.{field}");
            let public = &mut agency.public;
            public.name = reader.or(&key("name"), public.name.clone());
            public.place_label = reader.or(&key("place_label"), public.place_label.clone());
            public.freshness_minutes = reader.or(&key("freshness_minutes"), public.freshness_minutes);
            public.expires_hours = reader.or(&key("expires_hours"), public.expires_hours);
            public.labels = reader.or::<Vec<LabelConfig>>(&key("labels"), public.labels.clone());
            agency.narratives = reader.or(&key("narratives"), agency.narratives);
        }
        if let Err(mistakes) = self.for_notify().agencies() {
            for mistake in mistakes.0 {
                reader.mistake(&mistake.key, mistake.problem);
            }
        }
    }

    /// The slugs.
    pub(crate) fn ids(&self) -> impl Iterator<Item = &AgencyId> {
        self.0.keys()
    }

    /// What redact needs.
    pub(crate) fn for_redact(&self) -> HashMap<String, AgencyRules> {
        let rules = |agency: &Agency| AgencyRules {
            jurisdiction: agency.jurisdiction.clone(),
            narratives: agency.narratives,
        };
        self.0.iter().map(|(id, agency)| (id.to_string(), rules(agency))).collect()
    }

    /// What classify needs.
    ///
    /// # Errors
    /// If a map cannot be read or is no map.
    pub(crate) fn for_classify(&self) -> Result<Vec<AgencyMap>> {
        let paths: Vec<PathBuf> = self.0.values().filter_map(|agency| agency.code_map.clone()).collect();
        map::load_all(&paths)
    }

    /// What notify needs.
    pub(crate) fn for_notify(&self) -> callbox_notify::config::Config {
        let agencies = self.0.iter().map(|(id, agency)| (id.to_string(), agency.public.clone()));
        callbox_notify::config::Config { agencies: agencies.collect() }
    }
}
