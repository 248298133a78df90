import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { RubyVM } from "@ruby/wasm-wasi";
import { DefaultRubyVM } from "@ruby/wasm-wasi/dist/node";
import { root } from "./local-run";

/** A record of a stream, as GetRecords answers it. */
export interface StreamRecord {
  readonly SequenceNumber: string;
  /** Base64. */
  readonly Data: string;
}

/** A Logstash event, as the input hands it to the pipeline. */
export interface LogstashEvent {
  readonly "@timestamp": string;
  readonly message: string;
  readonly cloudwatch_logs: { readonly event_id: string; readonly log_group?: string; readonly log_stream?: string };
  readonly tags?: readonly string[];
}

export interface Processed {
  readonly events: readonly LogstashEvent[];
  /** What was to be kept as the position, if anything was; `end` is that of a shard that has ended. */
  readonly checkpoint: string | null;
  /** What made it fail, after which the process would have ended. */
  readonly error: string | null;
}

/**
 * What logstash/plugins/ has from Logstash, JRuby and logstash-input-kinesis. Kept to what it uses: the arguments of a worker's
 * constructor, that it is initialized once more by the library, and that it ends a shard's position.
 */
const surroundings = `
  require "js"
  require "json"
  require "stringio"
  require "time"
  require "zlib"

  class String
    def self.from_java_bytes(bytes) = bytes
  end

  module LogStash
    class Event
      attr_reader :fields
      def initialize(fields) = @fields = fields
      def tag(name) = (@fields["tags"] ||= []) << name
    end

    class Timestamp
      def self.at(seconds, microseconds) = Time.at(seconds, microseconds, :usec).utc.iso8601(3)
    end

    module Inputs
      class Kinesis
        def self.config_name(name) = nil
        def self.config(name, **settings) = nil

        class Worker
          def initialize(*arguments)
            return if arguments.length == 1
            @codec, @output_queue, @decorator, @checkpoint_interval, @logger = arguments
            @next_checkpoint = Time.at(0)
          end

          def shutdown(input)
            input.checkpointer.checkpoint if input.shutdown_reason == "TERMINATE"
          end
        end
      end
    end
  end

  class StandIn < Struct.new(:settings)
    Record = Struct.new(:getSequenceNumber, :data) do
      def getData = Struct.new(:array).new(data.unpack1("m"))
    end
    Input = Struct.new(:records, :checkpointer, :shutdown_reason)
    Log = Struct.new(:lines) do
      def error(line) = lines << line
      def warn(line) = lines << line
    end

    attr_reader :position

    def checkpoint(sequence_number = "end") = @position = sequence_number

    def <<(event)
      raise "the pipeline is closed" if @closed_after == @events.length
      @events << event.fields
    end

    def start
      input = LogStash::Inputs::KinesisCloudwatchLogs.allocate
      {
        :@events_in_flight => settings, :@shard_end_wait_seconds => 0, :@checkpoint_interval_seconds => 0,
        :@logger => Log.new([]),
      }.each { |name, value| input.instance_variable_set(name, value) }
      def input.stop? = true
      def input.decorate(event) = event
      @processor = input.worker_factory(self).call
      @processor.send(:initialize, Struct.new(:shardId).new("shard"))
      self
    end

    def answer(closed_after = nil)
      @events, @position, @closed_after, error = [], nil, closed_after, nil
      begin
        yield
      rescue => raised
        error = raised.message
      end
      JSON.generate("events" => @events, "checkpoint" => @position, "error" => error)
    end

    def process(records, closed_after)
      records = JSON.parse(records).map { |record| Record.new(record["SequenceNumber"], record["Data"]) }
      answer(closed_after) { @processor.processRecords(Input.new(records, self)) }
    end

    def shutdown(reason) = answer { @processor.shutdown(Input.new([], self, reason)) }
  end
`;

/** Node.js has it, and its types do not. */
const webAssembly = (
  globalThis as unknown as { WebAssembly: { compile(bytes: Uint8Array): Promise<WebAssembly.Module> } }
).WebAssembly;

/** Our sources, in the order in which they require each other. */
const sources = [
  "kinesis_cloudwatch_logs/record.rb",
  "kinesis_cloudwatch_logs/position.rb",
  "kinesis_cloudwatch_logs/processor.rb",
  "kinesis_cloudwatch_logs.rb",
];

/** The processor of one shard, from the first record that it is given to the end of its process. */
export interface ShardProcessor {
  /** `closedAfter`: the pipeline takes so many of the events. */
  process(records: readonly StreamRecord[], closedAfter?: number): Processed;
  shutdown(reason: "TERMINATE" | "ZOMBIE"): Processed;
}

/** Logstash's input of logstash/plugins/, run by Ruby itself (CRuby 3.4 as WebAssembly; the image has JRuby 9.2). */
export class LogstashInput {
  private constructor(private readonly vm: RubyVM) {}

  static async load(): Promise<LogstashInput> {
    const ruby = readFileSync(require.resolve("@ruby/3.4-wasm-wasi/dist/ruby+stdlib.wasm"));
    const { vm } = await DefaultRubyVM(await webAssembly.compile(ruby));
    vm.eval(surroundings);
    for (const source of sources) {
      const text = readFileSync(join(root, "logstash/plugins/logstash/inputs", source), "utf8");
      vm.eval(text.replace(/^require(_relative)? .*$/gm, ""));
    }
    return new LogstashInput(vm);
  }

  shard(eventsInFlight: number): ShardProcessor {
    const processor = this.vm.eval(`StandIn.new(${eventsInFlight}).start`);
    const parse = (answer: { toString(): string }) => JSON.parse(answer.toString()) as Processed;
    return {
      process: (records, closedAfter) =>
        parse(
          this.vm
            .eval("->(processor, records, closed) { processor.process(records.to_s, closed) }")
            .call("call", processor, this.vm.wrap(JSON.stringify(records)), this.vm.eval(String(closedAfter ?? "nil"))),
        ),
      shutdown: (reason) => parse(processor.call("shutdown", this.vm.eval(JSON.stringify(reason)))),
    };
  }
}
