-- Read by scripts/grade-class, in a new database that has the tables `asked` (lab, folder, submissions,
-- catalog) and `large` (files that are not looked into): make the gradebook of the reports in folder/students, and its page, a row a line.

-- ---- the marks ----

CREATE TEMP TABLE report AS
SELECT substr(name, length(folder || '/students/') + 1, length(name) - length(folder || '/students//report.json')) AS student,
       CAST(data AS TEXT) AS json
FROM asked, fsdir(folder || '/students')
WHERE name LIKE '%/report.json';

CREATE TEMP TABLE kept AS
SELECT substr(name, length(folder || '/students/') + 1, length(name) - length(folder || '/students//session.pcap')) AS student
FROM asked, fsdir(folder || '/students') WHERE name LIKE '%/session.pcap';

CREATE TABLE students (
    student TEXT PRIMARY KEY,
    shown TEXT NOT NULL,     -- the name; in hexadecimal, where it would steer a terminal
    points INTEGER,          -- NULL where the run is void
    most INTEGER NOT NULL,
    verdict TEXT NOT NULL,   -- graded, void
    reason TEXT              -- why it is void
);
INSERT INTO students
SELECT student,
       CASE WHEN student GLOB '*[' || char(1) || '-' || char(31) || char(127) || '-' || char(159) || char(8206, 8207) || char(8234) || '-'
                              || char(8238) || char(8294) || '-' || char(8297) || ']*'
            THEN 'bytes ' || hex(student) ELSE student END,
       CASE WHEN json_extract(json, '$.verdict') = 'void' THEN NULL ELSE json_extract(json, '$.points') END,
       json_extract(json, '$.of'),
       CASE WHEN json_extract(json, '$.verdict') = 'void' THEN 'void' ELSE 'graded' END,
       json_extract(json, '$.reason')
FROM report ORDER BY student;

CREATE TABLE marks (
    student TEXT NOT NULL REFERENCES students,
    number INTEGER NOT NULL, -- of the expectation in its lab, from 1
    expectation TEXT NOT NULL,
    verdict TEXT NOT NULL,   -- pass, fail, not judged, void
    points INTEGER NOT NULL,
    most INTEGER NOT NULL,
    why TEXT,
    PRIMARY KEY (student, number)
);
INSERT INTO marks
SELECT student, each.key + 1, json_extract(each.value, '$.name'), json_extract(each.value, '$.verdict'),
       json_extract(each.value, '$.points'), json_extract(each.value, '$.of'), json_extract(each.value, '$.why')
FROM report, json_each(report.json, '$.expectations') AS each;

CREATE VIEW misses AS
SELECT number, expectation, sum(verdict = 'pass') AS passed, sum(verdict = 'fail') AS failed,
       sum(verdict = 'not judged') AS not_judged, max(most) AS points
FROM marks WHERE verdict <> 'void' GROUP BY number, expectation;

-- `cell` is the name for a spreadsheet, in which a cell that begins with one of =+-@ is computed.
CREATE VIEW gradebook AS
SELECT student, CASE WHEN substr(shown, 1, 1) IN ('=', '+', '-', '@') THEN '''' || shown ELSE shown END AS cell,
       points, most, round(100.0 * points / max(most, 1), 1) AS percent, verdict
FROM students ORDER BY student;

-- ---- submissions that are alike: a hint, and no more ----
-- Two of them are as alike as the share of their lines, without blanks, that both have. Lines of the
-- lab's own starter do not count, nor what more than a third of a class of twelve and more has.

-- Nobody's files are to keep the others waiting: of each so many, none of them large, each cut in one go.
-- As JSON, lines are the elements of a list once `\n` is `","`; a backslash of their own would be in the way.

CREATE TEMP TABLE text AS
SELECT student, readfile(name) AS body
FROM (SELECT name, CASE WHEN instr(rest, '/') > 0 THEN substr(rest, 1, instr(rest, '/') - 1) ELSE rest END AS student,
             row_number() OVER (PARTITION BY CASE WHEN instr(rest, '/') > 0 THEN substr(rest, 1, instr(rest, '/') - 1) ELSE rest END
                                ORDER BY name) AS number
      FROM (SELECT name, substr(name, length(submissions) + 2) AS rest FROM asked, fsdir(submissions) WHERE (mode & 61440) = 32768))
WHERE number <= 50 AND name NOT IN (SELECT name FROM large);

CREATE TEMP TABLE line AS
SELECT DISTINCT student, replace(replace(replace(value, ' ', ''), char(9), ''), char(13), '') AS words
FROM text, json_each('[' || replace(json_quote(replace(CAST(body AS TEXT), '\', '/')), '\n', '","') || ']')
WHERE instr(body, x'00') = 0 AND length(replace(replace(value, ' ', ''), char(9), '')) > 6;

CREATE TEMP TABLE given AS
SELECT DISTINCT replace(replace(value, ' ', ''), char(9), '') AS words
FROM (SELECT name, readfile(name) AS body FROM asked, fsdir(catalog)
      WHERE (name LIKE '%' || lab || '/starter/%' OR name LIKE '%' || lab || '/server.c' OR name LIKE '%' || lab || '/client.c')
        AND (mode & 61440) = 32768),
     json_each('[' || replace(json_quote(replace(CAST(body AS TEXT), '\', '/')), '\n', '","') || ']')
WHERE instr(body, x'00') = 0;

DELETE FROM line WHERE words IN (SELECT words FROM given);
DELETE FROM line WHERE (SELECT count(*) FROM students) >= 12 AND words IN (
    SELECT words FROM line GROUP BY words HAVING count(*) * 3 > (SELECT count(*) FROM students));
CREATE INDEX temp.line_words ON line(words, student);

CREATE TABLE alike (
    one TEXT NOT NULL,
    other TEXT NOT NULL,
    lines INTEGER NOT NULL,   -- that both have
    percent INTEGER NOT NULL  -- of the lines that either has
);
INSERT INTO alike
WITH size AS (SELECT student, count(*) AS lines FROM line GROUP BY student),
     both AS (SELECT a.student AS one, b.student AS other, count(*) AS lines
              FROM line AS a JOIN line AS b ON a.words = b.words AND a.student < b.student GROUP BY 1, 2)
SELECT one, other, both.lines, 100 * both.lines / (x.lines + y.lines - both.lines) AS percent
FROM both JOIN size AS x ON x.student = one JOIN size AS y ON y.student = other
WHERE both.lines >= 5 AND 100 * both.lines >= 80 * (x.lines + y.lines - both.lines)
ORDER BY percent DESC, one, other;

-- ---- the page ----

CREATE TEMP TABLE shown AS -- names as HTML, and as a part of an address
WITH RECURSIVE coded(student, at, url) AS (
    SELECT student, 1, '' FROM students
    UNION ALL
    SELECT student, at + 2, url || '%' || substr(hex(student), at, 2) FROM coded WHERE at < length(hex(student)))
SELECT student, replace(replace(replace(replace(shown, '&', '&amp;'), '<', '&lt;'), '>', '&gt;'), '"', '&quot;') AS name, max(url) AS url
FROM coded JOIN students USING (student) WHERE at > length(hex(student)) GROUP BY student;

CREATE TEMP TABLE figures AS
SELECT count(*) AS students, sum(verdict = 'graded') AS graded, sum(verdict = 'void') AS voids, max(most) AS most,
       round(avg(points), 1) AS mean,
       (SELECT round(avg(points), 1) FROM (
            SELECT points FROM students WHERE points IS NOT NULL ORDER BY points
            LIMIT (SELECT 2 - count(points) % 2 FROM students) OFFSET (SELECT max(count(points) - 1, 0) / 2 FROM students))) AS median
FROM students;

CREATE TEMP TABLE page (line TEXT);
INSERT INTO page
SELECT '<!DOCTYPE html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Grades</title>
<style>
:root { color-scheme: light dark }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #222; background: #fff }
table { border-collapse: collapse; width: 100% } th, td { text-align: left; padding: .25rem .75rem .25rem 0; border-bottom: 1px solid #ddd; vertical-align: top }
td.n, th.n { text-align: right; white-space: nowrap } td.more { white-space: nowrap } small, td.name { overflow-wrap: anywhere; min-width: 5rem }
meter { width: 8rem } small { color: #555 }
@media (prefers-color-scheme: dark) { body { color: #ddd; background: #181818 } a { color: #8bf } small { color: #aaa } th, td { border-color: #444 } }
@media (max-width: 40rem) { body { margin: 1rem auto } th, td { padding-right: .4rem } meter { display: none } td.n, th.n, td.more { white-space: normal }
  th { font-size: .8rem } }
</style>';
INSERT INTO page
SELECT '<h1>' || replace(replace(lab, '&', '&amp;'), '<', '&lt;') || '</h1><p>' || graded || ' of ' || students || ' submissions graded'
       || CASE WHEN voids > 0 THEN ', ' || voids || ' void: none of their runs could be judged; the reason stands beside each, and somebody has to look' ELSE '' END
       || '. Mean ' || coalesce(mean, '-') || ', median ' || coalesce(median, '-') || ' of ' || most || ' points.</p>'
FROM figures, asked;
INSERT INTO page SELECT '<h2>What was missed</h2><table><tr><th>expectation<th class=n>points<th class=n>passed<th class=n>failed<th class=n>not judged';
INSERT INTO page
SELECT '<tr><td>' || replace(replace(expectation, '&', '&amp;'), '<', '&lt;') || '<td class=n>' || points || '<td class=n>' || passed
       || '<td class=n>' || failed || '<td class=n>' || not_judged
FROM misses ORDER BY failed + not_judged DESC, number;
INSERT INTO page SELECT '</table>';
INSERT INTO page SELECT '<h2>Alike</h2><p>Submissions that share most of their own lines. This is a hint to look, not a finding.</p><ul>' WHERE EXISTS (SELECT 1 FROM alike);
INSERT INTO page
SELECT '<li>' || a.name || ' and ' || b.name || ': ' || percent || ' % of their lines (' || lines || ')'
FROM alike JOIN shown AS a ON a.student = one JOIN shown AS b ON b.student = other ORDER BY percent DESC, one, other;
INSERT INTO page SELECT '</ul>' WHERE EXISTS (SELECT 1 FROM alike);
INSERT INTO page SELECT '<h2>Students</h2><table><tr><th>student<th class=n>points<th><th>missed<th>more';
INSERT INTO page
SELECT '<tr><td class=name>' || name || '<td class=n>' || CASE verdict WHEN 'void' THEN 'void' ELSE points || ' of ' || most END
       || '<td>' || CASE verdict WHEN 'void' THEN '' ELSE '<meter min=0 max=' || max(most, 1) || ' value=' || points || '>' || points || '</meter>' END
       || '<td><small>' || CASE verdict WHEN 'void' THEN replace(replace(coalesce(reason, ''), '&', '&amp;'), '<', '&lt;') ELSE coalesce((SELECT group_concat(replace(replace(expectation, '&', '&amp;'), '<', '&lt;'), '; ')
                            FROM marks WHERE marks.student = students.student AND marks.verdict <> 'pass'), '') END || '</small>'
       || '<td class=more><a href="students/' || url || '/report.html">report</a>'
       || CASE WHEN student IN (SELECT student FROM kept) THEN ' <a href="students/' || url || '/session.pcap">session</a>' ELSE '' END
FROM students JOIN shown USING (student) ORDER BY student;
INSERT INTO page SELECT '</table></html>';
