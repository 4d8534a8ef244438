//! The forms that boards are made of: tiles, tables, graphs. What a form says about staleness, colours and too few to judge
//! it says everywhere.

use super::query;
use serde_json::{Map, Value, json};

/// Colours of judgement. No series of a graph has one of them.
pub const GOOD: &str = "green";
pub const OVER: &str = "orange";
pub const FAR_OVER: &str = "red";
/// Not judged: too few, no calls.
pub const NEUTRAL: &str = "#52565f";
/// Not known: stale.
pub const UNKNOWN: &str = "#6f5794";

/// Colours of series, apart from each other also for the colour-blind.
pub const BLUE: &str = "#5794F2";
pub const LIGHT: &str = "#A7C8FF";
pub const PURPLE: &str = "#B877D9";
pub const LILAC: &str = "#E3C8F5";
pub const TEAL: &str = "#3FA7B5";
pub const DEEP: &str = "#3D63B8";
pub const VIOLET: &str = "#7C5CC4";
pub const GREY: &str = "#8E8E8E";

/// One query of a panel.
pub struct Ask {
    pub id: &'static str,
    pub name: String,
    pub expr: String,
    style: Vec<(&'static str, Value)>,
    every: Option<&'static str>,
}

pub fn ask(id: &'static str, name: &str, expr: impl Into<String>) -> Ask {
    Ask {
        id,
        name: name.to_owned(),
        expr: expr.into(),
        style: Vec::new(),
        every: None,
    }
}

impl Ask {
    /// Points of this line no closer than this.
    pub fn every(mut self, interval: &'static str) -> Ask {
        self.every = Some(interval);
        self
    }

    pub fn with(mut self, property: &'static str, value: Value) -> Ask {
        self.style.push((property, value));
        self
    }

    pub fn coloured(self, colour: &str) -> Ask {
        self.with("color", fixed(colour))
    }

    /// A target: a thin dashed line that is stacked on nothing.
    pub fn dashed(self) -> Ask {
        self.coloured("text")
            .with(
                "custom.lineStyle",
                json!({ "fill": "dash", "dash": [8, 8] }),
            )
            .with("custom.lineWidth", json!(1))
            .with("custom.fillOpacity", json!(0))
            .with("custom.drawStyle", json!("line"))
            .with("custom.showPoints", json!("never"))
            .with("custom.stacking", json!({ "mode": "none", "group": "T" }))
    }

    /// All parts together: the line that the headline is the end of.
    pub fn whole(self) -> Ask {
        self.coloured("text").with("custom.lineWidth", json!(3))
    }

    /// How it was at another time: a band behind the lines.
    pub fn band(self) -> Ask {
        self.coloured(GREY)
            .with("custom.lineWidth", json!(1))
            .with("custom.fillOpacity", json!(12))
    }

    fn overrides(&self) -> Option<Value> {
        (!self.style.is_empty()).then(|| over("byFrameRefID", self.id, &self.style))
    }
}

pub fn fixed(colour: &str) -> Value {
    json!({ "mode": "fixed", "fixedColor": colour })
}

fn over(matcher: &str, options: &str, properties: &[(&str, Value)]) -> Value {
    let properties: Vec<Value> = properties
        .iter()
        .map(|(id, value)| json!({ "id": id, "value": value }))
        .collect();
    json!({ "matcher": { "id": matcher, "options": options }, "properties": properties })
}

pub fn steps(first: &str, others: &[(f64, &str)]) -> Value {
    let mut steps = vec![json!({ "color": first, "value": null })];
    steps.extend(
        others
            .iter()
            .map(|(from, colour)| json!({ "color": colour, "value": from })),
    );
    json!({ "mode": "absolute", "steps": steps })
}

/// Values that read as words.
pub fn words(words: &[(&str, &str, &str)]) -> Value {
    let options: Map<String, Value> = words
        .iter()
        .enumerate()
        .map(|(index, (value, text, colour))| {
            let colour = (!colour.is_empty()).then_some(*colour);
            (
                (*value).to_owned(),
                json!({ "text": text, "color": colour, "index": index }),
            )
        })
        .collect();
    json!({ "type": "value", "options": options })
}

fn nothing(text: &str) -> Value {
    json!({ "type": "special", "options": { "match": "null+nan", "result": { "text": text, "color": GREY, "index": 90 } } })
}

fn up_to(limit: f64, text: &str) -> Value {
    json!({ "type": "range", "options": { "from": null, "to": limit, "result": { "text": text, "color": NEUTRAL, "index": 80 } } })
}

fn source() -> Value {
    json!({ "type": "prometheus", "uid": "${datasource}" })
}

/// Where a panel stands: column, width, height. Rows follow each other by [`Layout`].
pub struct Panel {
    pub width: u64,
    pub height: u64,
    json: Value,
}

impl Panel {
    pub fn set(mut self, pointer: &str, value: Value) -> Panel {
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        self.json.pointer_mut(parent).unwrap()[key] = value;
        self
    }

    /// Points no closer than this: what is rare needs time to be counted.
    pub fn every(self, interval: &str) -> Panel {
        self.set("/interval", json!(interval))
    }
}

fn panel(kind: &str, title: &str, text: &str, asks: &[Ask], instant: bool) -> Panel {
    let targets: Vec<Value> = asks
        .iter()
        .map(|ask| {
            let mut target = json!({ "refId": ask.id, "datasource": source(), "expr": ask.expr, "legendFormat": ask.name });
            if let Some(every) = ask.every {
                target["interval"] = json!(every);
            }
            target[if instant { "instant" } else { "range" }] = json!(true);
            target
        })
        .collect();
    Panel {
        width: 0,
        height: 0,
        json: json!({ "type": kind, "title": title, "description": text, "datasource": source(), "targets": targets }),
    }
}

fn sized(mut panel: Panel, width: u64, height: u64) -> Panel {
    panel.width = width;
    panel.height = height;
    panel
}

/// One or a few numbers without judgement.
pub fn tile(
    size: (u64, u64),
    title: &str,
    text: &str,
    unit: &str,
    decimals: u64,
    asks: Vec<Ask>,
) -> Panel {
    let mut tile = panel("stat", title, text, &asks, true);
    let several = asks.len() > 1;
    tile.json["fieldConfig"] = json!({
        "defaults": { "unit": unit, "decimals": decimals, "noValue": "–", "color": fixed("text"), "thresholds": steps("text", &[]) },
        "overrides": asks.iter().filter_map(Ask::overrides).collect::<Vec<_>>(),
    });
    tile.json["options"] = json!({
        "colorMode": "value", "graphMode": "none", "justifyMode": "center", "wideLayout": true,
        "orientation": if several { "horizontal" } else { "auto" },
        "textMode": if several { "value_and_name" } else { "value" },
        "reduceOptions": { "calcs": ["lastNotNull"], "fields": "", "values": false },
    });
    if several && size.0 <= 4 {
        // Left to itself, the name of a number beside a long one shrinks to nothing.
        tile.json["options"]["text"] = json!({ "titleSize": 14, "valueSize": 26 });
    }
    sized(tile, size.0, size.1)
}

/// How a number stands to a target it must not exceed: within, over it, over twice of what it allows.
pub const AT_MOST: [&str; 3] = ["within", "over", "far over"];
/// And to one it must reach.
pub const AT_LEAST: [&str; 3] = ["meets", "below", "far below"];

/// A number held to its target: background by its grade, the target in words above, "stale" when it is.
pub fn judged_tile(
    size: (u64, u64),
    title: &str,
    text: &str,
    unit: &str,
    words: [&str; 3],
    suffix: &str,
    mut asks: Vec<Ask>,
) -> Panel {
    asks.push(
        ask("S", "stale", query::stale())
            .with("displayName", json!("not read for 5 minutes or more"))
            .with("mappings", json!([{ "type": "range", "options": { "from": query::STALE_S, "to": null, "result": { "text": "stale", "color": UNKNOWN, "index": 0 } } }]))
            .coloured(UNKNOWN),
    );
    let panel = tile(size, title, text, unit, 1, asks);
    let target = format!("${{__field.labels.target}} {suffix}");
    let grade = |name: &str, colour: &str, say: String| {
        over(
            "byRegexp",
            name,
            &[("color", fixed(colour)), ("displayName", json!(say))],
        )
    };
    let mut overrides = panel.json["fieldConfig"]["overrides"].clone();
    overrides.as_array_mut().unwrap().extend([
        grade("/^grade 0/", GOOD, format!("✓ {} {target}", words[0])),
        grade("/^grade 1/", OVER, format!("▲ {} {target}", words[1])),
        grade("/^grade 2/", FAR_OVER, format!("▲▲ {} {target}", words[2])),
        grade(
            "/^grade -1/",
            NEUTRAL,
            format!("too few to judge by {target}"),
        ),
    ]);
    in_words(panel.set("/fieldConfig/overrides", overrides))
        .set("/fieldConfig/defaults/noValue", json!("no calls"))
}

/// A number of this moment: background and words by its state, "stale" when it was not read for too long.
pub fn live_tile(
    size: (u64, u64),
    title: &str,
    text: &str,
    unit: &str,
    states: &[(&str, &str, &str)],
    mut asks: Vec<Ask>,
) -> Panel {
    asks.push(super::now::stale_ask());
    let panel = tile(size, title, text, unit, 0, asks);
    let mut overrides = panel.json["fieldConfig"]["overrides"].clone();
    let stated = states.iter().map(|(state, colour, say)| {
        over(
            "byRegexp",
            &format!("/^state {state}$/"),
            &[("color", fixed(colour)), ("displayName", json!(say))],
        )
    });
    overrides.as_array_mut().unwrap().extend(stated);
    in_words(panel.set("/fieldConfig/overrides", overrides))
        .set("/fieldConfig/defaults/noValue", json!("not told"))
}

/// Words above the number, both on the colour of its state.
fn in_words(panel: Panel) -> Panel {
    panel
        .set("/fieldConfig/defaults/color", fixed(NEUTRAL))
        .set("/options/colorMode", json!("background"))
        .set("/options/textMode", json!("value_and_name"))
        .set("/options/orientation", json!("horizontal"))
        // The words stand above the number: beside it, they would make it small.
        .set("/options/wideLayout", json!(false))
        .set("/options/text", json!({}))
}

/// The number, its grade and its target as labels: a colour can't depend on another series, but on a name it can.
pub fn graded(value: &str, grade: &str, target: &str) -> String {
    format!(
        "{value}
* on () group_left (state) count_values(\"state\", {grade})
* on () group_left (target) count_values(\"target\", round({target}, 0.1))"
    )
}

/// A column of a table; a width of 0 takes what is left.
pub struct Column {
    name: &'static str,
    expr: String,
    properties: Vec<(&'static str, Value)>,
}

pub fn column(name: &'static str, width: u64, unit: &str, decimals: u64, expr: String) -> Column {
    let mut properties = vec![
        ("unit", json!(unit)),
        ("decimals", json!(decimals)),
        ("mappings", json!([nothing("–")])),
    ];
    if width > 0 {
        properties.push(("custom.width", json!(width)));
    }
    Column {
        name,
        expr,
        properties,
    }
}

impl Column {
    fn with(mut self, property: &'static str, value: Value) -> Column {
        self.properties.retain(|(id, _)| *id != property);
        self.properties.push((property, value));
        self
    }

    /// How often what is allowed was used: green to 1, orange to 2, red beyond. Unjudged stays without colour.
    pub fn times(self) -> Column {
        self.limits(GOOD, &[(1.0005, OVER), (2.0005, FAR_OVER)])
    }

    pub fn limits(self, first: &str, others: &[(f64, &str)]) -> Column {
        self.with("thresholds", steps(first, others))
            .with("color", json!({ "mode": "thresholds" }))
            .with("custom.cellOptions", json!({ "type": "color-text" }))
    }

    pub fn words(self, all: &[(&str, &str, &str)]) -> Column {
        self.with("mappings", json!([words(all), nothing("–")]))
            .with("custom.cellOptions", json!({ "type": "color-text" }))
    }

    /// Words on a block of their colour.
    pub fn blocks(self, all: &[(&str, &str, &str)]) -> Column {
        self.words(all)
            .with(
                "custom.cellOptions",
                json!({ "type": "color-background", "mode": "basic" }),
            )
            .with("custom.align", json!("center"))
    }

    /// Below the limit there is a word instead of the number: such rows sort last.
    pub fn last_below(self, limit: f64, text: &str) -> Column {
        self.with("mappings", json!([up_to(limit, text), nothing("–")]))
    }

    pub fn bar(self, max: Value) -> Column {
        self.with(
            "custom.cellOptions",
            json!({ "type": "gauge", "mode": "basic", "valueDisplayMode": "text" }),
        )
        .with("min", json!(0))
        .with("max", max)
        .with("color", fixed(BLUE))
    }
}

/// A label of the rows as a column.
pub struct Label {
    label: &'static str,
    name: &'static str,
    properties: Vec<(&'static str, Value)>,
}

pub fn label(label: &'static str, name: &'static str, width: u64) -> Label {
    let mut properties = vec![
        ("unit", json!("string")),
        ("custom.align", json!("left")),
        (
            "mappings",
            json!([words(&[("none", "before any queue", "")])]),
        ),
    ];
    if width > 0 {
        properties.push(("custom.width", json!(width)));
    }
    Label {
        label,
        name,
        properties,
    }
}

impl Label {
    pub fn with(mut self, property: &'static str, value: Value) -> Label {
        self.properties.retain(|(id, _)| *id != property);
        self.properties.push((property, value));
        self
    }

    pub fn link(self, title: &str, url: &str) -> Label {
        self.with(
            "links",
            json!([{ "title": title, "url": url, "targetBlank": false }]),
        )
    }

    /// One more, to a page that no board is.
    pub fn link_out(mut self, title: &str, url: &str) -> Label {
        let link = json!({ "title": title, "url": url, "targetBlank": true });
        let links = self.properties.iter_mut().find(|(id, _)| *id == "links");
        if let Some((_, Value::Array(links))) = links {
            links.push(link);
        }
        self
    }
}

/// Row labels first, then columns. `rows` keeps every row and every column in place when a column has nothing to say.
pub struct Table {
    pub labels: Vec<Label>,
    pub columns: Vec<Column>,
    pub rows: Option<String>,
    /// Column, and whether the greatest comes first.
    pub sort: (&'static str, bool),
    /// Whether the columns stand before the labels.
    pub columns_first: bool,
    /// Labels that the queries carry and nobody needs to see.
    pub hidden: &'static [&'static str],
}

const IDS: [&str; 20] = [
    "A", "B", "C", "D", "E", "F", "G", "H", "I", "J", "K", "L", "M", "N", "O", "P", "Q", "R", "T",
    "U",
];

pub fn table(size: (u64, u64), title: &str, text: &str, table: Table) -> Panel {
    let whole = |column: &Column| match &table.rows {
        Some(rows) => format!("({}) and {rows}\nor {rows} * NaN", column.expr),
        None => column.expr.clone(),
    };
    let asks: Vec<Ask> = IDS
        .iter()
        .zip(&table.columns)
        .map(|(id, column)| ask(id, "", whole(column)))
        .collect();
    let mut panel = panel("table", title, text, &asks, true);
    for target in panel.json["targets"].as_array_mut().unwrap() {
        target["format"] = json!("table");
    }
    let mut index = Map::new();
    let mut names = Map::new();
    let mut exclude = Map::from_iter([("Time".to_owned(), json!(true))]);
    for (place, label) in table.labels.iter().enumerate() {
        let place = if table.columns_first {
            table.columns.len() + place
        } else {
            place
        };
        index.insert(label.label.to_owned(), json!(place));
        names.insert(label.label.to_owned(), json!(label.name));
    }
    for (place, (id, column)) in IDS.iter().zip(&table.columns).enumerate() {
        let value = if table.columns.len() == 1 {
            "Value".to_owned()
        } else {
            format!("Value #{id}")
        };
        let place = if table.columns_first {
            place
        } else {
            table.labels.len() + place
        };
        index.insert(value.clone(), json!(place));
        if column.name.is_empty() {
            exclude.insert(value, json!(true));
        } else {
            names.insert(value, json!(column.name));
        }
    }
    exclude.extend(
        table
            .hidden
            .iter()
            .map(|label| ((*label).to_owned(), json!(true))),
    );
    let labels = table
        .labels
        .iter()
        .map(|label| over("byName", label.name, &label.properties));
    let columns = table
        .columns
        .iter()
        .filter(|column| !column.name.is_empty());
    let columns = columns.map(|column| over("byName", column.name, &column.properties));
    panel.json["fieldConfig"] = json!({
        "defaults": {
            "unit": "none", "noValue": "–", "color": { "mode": "thresholds" }, "thresholds": steps("text", &[]),
            "custom": { "align": "right", "minWidth": 60, "filterable": false, "inspect": false, "cellOptions": { "type": "auto" } },
        },
        "overrides": labels.chain(columns).collect::<Vec<_>>(),
    });
    panel.json["options"] = json!({
        "cellHeight": "sm", "showHeader": true,
        "footer": { "show": false, "reducer": ["sum"], "countRows": false, "fields": "" },
    });
    let mut transformations = vec![
        json!({ "id": "organize", "options": { "excludeByName": exclude, "includeByName": {}, "indexByName": index, "renameByName": names } }),
        json!({ "id": "sortBy", "options": { "fields": {}, "sort": [{ "field": table.sort.0, "desc": table.sort.1 }] } }),
    ];
    if table.columns.len() > 1 {
        transformations.insert(0, json!({ "id": "merge", "options": {} }));
    }
    panel.json["transformations"] = json!(transformations);
    sized(panel, size.0, size.1)
}

/// How a graph draws.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Draw {
    Lines,
    /// Areas on each other: parts of a whole.
    Areas,
    /// Counts of a step, on each other.
    Bars,
    /// Shares of a whole.
    Shares,
}

pub fn graph(
    size: (u64, u64),
    title: &str,
    text: &str,
    unit: &str,
    draw: Draw,
    asks: Vec<Ask>,
) -> Panel {
    let mut graph = panel("timeseries", title, text, &asks, false);
    let (style, width, fill, stacking) = match draw {
        Draw::Lines => ("line", 2, 0, "none"),
        Draw::Areas => ("line", 1, 45, "normal"),
        Draw::Bars => ("bars", 1, 70, "normal"),
        Draw::Shares => ("line", 1, 45, "percent"),
    };
    graph.json["fieldConfig"] = json!({
        "defaults": {
            "unit": unit, "min": 0, "color": { "mode": "continuous-BlPu" }, "noValue": "–",
            "custom": {
                "drawStyle": style, "lineInterpolation": "linear", "lineWidth": width, "fillOpacity": fill, "gradientMode": "none",
                "showPoints": "auto", "spanNulls": false, "stacking": { "mode": stacking, "group": "A" }, "axisPlacement": "auto",
            },
        },
        "overrides": asks.iter().filter_map(Ask::overrides).collect::<Vec<_>>(),
    });
    graph.json["options"] = json!({
        "legend": { "displayMode": "table", "placement": "right", "showLegend": true, "calcs": ["lastNotNull", "max"], "sortBy": "Last *", "sortDesc": true },
        "tooltip": { "mode": "multi", "sort": "desc" },
    });
    let graph = sized(graph, size.0, size.1);
    // Beside a narrow graph there is no room for a table.
    if size.0 < 12 {
        graph
            .set("/options/legend/placement", json!("bottom"))
            .set("/options/legend/displayMode", json!("list"))
            .set("/options/legend/calcs", json!([]))
    } else {
        graph
    }
}

impl Panel {
    /// Series that a label names, each in its own colour.
    pub fn colours(self, colours: &[(&str, &str)]) -> Panel {
        let mut overrides = self.json["fieldConfig"]["overrides"].clone();
        overrides.as_array_mut().unwrap().extend(
            colours
                .iter()
                .map(|(name, colour)| over("byName", name, &[("color", fixed(colour))])),
        );
        self.set("/fieldConfig/overrides", overrides)
    }

    /// Series whose names match a pattern, each pattern in its own colour.
    pub fn by_name(self, colours: &[(&str, &str)]) -> Panel {
        let mut overrides = self.json["fieldConfig"]["overrides"].clone();
        overrides.as_array_mut().unwrap().extend(
            colours
                .iter()
                .map(|(name, colour)| over("byRegexp", name, &[("color", fixed(colour))])),
        );
        self.set("/fieldConfig/overrides", overrides)
    }

    pub fn decimals(self, decimals: u64) -> Panel {
        self.set("/fieldConfig/defaults/decimals", json!(decimals))
    }
}

pub fn heatmap(size: (u64, u64), title: &str, text: &str, expr: String) -> Panel {
    let mut panel = panel("heatmap", title, text, &[ask("A", "{{le}}", expr)], false);
    panel.json["targets"][0]["format"] = json!("heatmap");
    panel.json["fieldConfig"] = json!({
        "defaults": { "unit": "none", "custom": { "hideFrom": { "legend": false, "tooltip": false, "viz": false }, "scaleDistribution": { "type": "linear" } } },
        "overrides": [],
    });
    panel.json["options"] = json!({
        "calculate": false, "cellGap": 1, "cellValues": { "unit": "none", "decimals": 1 },
        "color": { "mode": "scheme", "scheme": "Blues", "exponent": 0.5, "fill": "dark-blue", "reverse": false, "scale": "exponential", "steps": 64 },
        "exemplars": { "color": "rgba(255,0,255,0.7)" }, "filterValues": { "le": 1e-9 }, "legend": { "show": true },
        "rowsFrame": { "layout": "auto" }, "showValue": "never",
        "tooltip": { "mode": "single", "yHistogram": true, "showColorScale": false },
        "yAxis": { "axisPlacement": "left", "reverse": false, "unit": "s" },
    });
    sized(panel, size.0, size.1)
}

pub fn bars(size: (u64, u64), title: &str, text: &str, asks: Vec<Ask>) -> Panel {
    let mut panel = panel("bargauge", title, text, &asks, true);
    panel.json["fieldConfig"] = json!({
        "defaults": { "unit": "none", "decimals": 0, "min": 0, "noValue": "–", "color": fixed(BLUE), "thresholds": steps(BLUE, &[]) },
        "overrides": [],
    });
    panel.json["options"] = json!({
        "displayMode": "basic", "orientation": "horizontal", "showUnfilled": true, "valueMode": "text", "namePlacement": "left",
        "minVizHeight": 16, "minVizWidth": 8, "maxVizHeight": 300, "sizing": "auto",
        "reduceOptions": { "calcs": ["lastNotNull"], "fields": "", "values": false },
    });
    sized(panel, size.0, size.1)
}

/// Lays panels out from left to right; a full row begins the next. Panels that share a row share their height.
#[derive(Default)]
pub struct Layout {
    panels: Vec<Value>,
    x: u64,
    y: u64,
    height: u64,
    next_id: u64,
}

impl Layout {
    pub fn row(mut self, title: &str) -> Layout {
        self.wrap();
        let row = json!({ "type": "row", "title": title, "collapsed": false, "panels": [] });
        self.place(row, 24, 1);
        self.wrap();
        self
    }

    pub fn panels(mut self, panels: impl IntoIterator<Item = Panel>) -> Layout {
        for panel in panels {
            if self.x + panel.width > 24 {
                self.wrap();
            }
            self.place(panel.json, panel.width, panel.height);
        }
        self
    }

    /// A row that opens on a click: for what only some have.
    pub fn folded(mut self, title: &str, panels: impl IntoIterator<Item = Panel>) -> Layout {
        self.wrap();
        let mut inner = Layout {
            next_id: self.next_id + 1,
            y: self.y + 1,
            ..Layout::default()
        }
        .panels(panels);
        let row = json!({ "type": "row", "title": title, "collapsed": true, "panels": std::mem::take(&mut inner.panels) });
        self.place(row, 24, 1);
        self.next_id = inner.next_id;
        self.wrap();
        self
    }

    fn place(&mut self, mut panel: Value, width: u64, height: u64) {
        self.next_id += 1;
        panel["id"] = json!(self.next_id);
        panel["gridPos"] = json!({ "x": self.x, "y": self.y, "w": width, "h": height });
        self.panels.push(panel);
        self.x += width;
        self.height = self.height.max(height);
    }

    fn wrap(&mut self) {
        self.y += self.height;
        self.x = 0;
        self.height = 0;
    }

    pub fn finish(self) -> Vec<Value> {
        self.panels
    }
}

impl Panel {
    /// The other tile's first number in this one's place, where `when` keeps it.
    pub fn or_else(mut self, other: Panel, when: &str) -> Panel {
        let mut target = other.json["targets"][0].clone();
        target["refId"] = json!("B");
        target["expr"] = json!(format!("({})\n{when}", target["expr"].as_str().unwrap()));
        self.json["targets"]
            .as_array_mut()
            .unwrap()
            .insert(1, target);
        self
    }

    /// Sorts rows by a label that is a number.
    pub fn number_first(mut self, label: &str) -> Panel {
        let number = json!({ "id": "convertFieldType", "options": { "conversions": [{ "targetField": label, "destinationType": "number" }] } });
        self.json["transformations"]
            .as_array_mut()
            .unwrap()
            .insert(0, number);
        self
    }
}
