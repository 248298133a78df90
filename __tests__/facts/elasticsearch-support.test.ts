import { elasticsearchSupport, elasticsearchSupportNotice } from "../../facts/elasticsearch";

const on = (day: string) => elasticsearchSupportNotice(new Date(`${day}T12:00:00Z`));

test("the notice begins six months before the end of standard support, which AWS set to 2027-11-07", () => {
  expect(elasticsearchSupport.standardUntil).toBe("2027-11-07");
  expect(on("2027-05-06")).toBeUndefined();
  expect(on("2027-05-07")).toMatchObject({ over: false, text: expect.stringContaining("ends on 2027-11-07") });
  expect(on("2027-11-06")).toMatchObject({ over: false });
  expect(on("2027-11-07")).toMatchObject({ over: true, text: expect.stringContaining("ended on 2027-11-07") });
});

test("today Elasticsearch 7.10 has standard support: it warns for six months, then fails", () => {
  const notice = elasticsearchSupportNotice(new Date());
  if (notice && !notice.over) {
    process.stderr.write(`WARNING: ${notice.text}\n`);
  }
  expect(notice?.over ? notice.text : undefined).toBeUndefined();
});
